import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Listr } from 'listr2';
import { type Cloud, startCloud } from './cloud/index.ts';
import { installMinistack } from './cloud/ministack.ts';
import { buildVcsim } from './cloud/vcsim.ts';
import { launchDemo, registerConnection } from './demo.ts';
import { removeLocalJson, runningPid, STATE_DIRECTORY, writeLocalJson } from './local-json.ts';

const { values: options } = parseArgs({ options: { 'no-demo': { type: 'boolean' }, fresh: { type: 'boolean' } } });
const pid = runningPid();
if (pid !== undefined) {
  console.log(`The embedded cloud is running already (process ${pid}). End it with: npm stop`);
  process.exit(0);
}

let cloud: Cloud | undefined;
let timeline: string[] = [];
const end = async (code: number) => {
  removeLocalJson();
  await cloud?.stop();
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0));

if (options.fresh) rmSync(`${STATE_DIRECTORY}/cloud`, { recursive: true, force: true });

const tasks = new Listr([
  { title: 'Install the embedded AWS', task: async () => void (await installMinistack()) },
  { title: 'Build the vCenter simulator', task: async () => void (await buildVcsim()) },
  {
    title: 'Start the cloud and deploy serverless.yml',
    task: async (_, task) => {
      const step = (title: string) => {
        task.output = title;
      };
      cloud = await startCloud({ stateDirectory: `${STATE_DIRECTORY}/cloud`, step, port: 4566 });
      const { stop, restartAws, issuer, ...told } = cloud;
      writeLocalJson(told);
      await registerConnection(cloud);
    },
  },
  {
    title: 'The demo cluster: 3 masters, 2 workers',
    enabled: !options['no-demo'],
    task: async (_, task) => {
      timeline = await launchDemo((text) => {
        task.output = text;
      });
    },
  },
]);

try {
  await tasks.run();
} catch (error) {
  console.error(`\n${(error as Error).message}\nLogs are in ${STATE_DIRECTORY}/cloud`);
  await end(1);
}
console.log(`
${timeline.join('\n')}

API    ${cloud?.api}
Try    npx slipway get demo
       npx slipway scale demo workers 4
       npx slipway watch demo
       npx slipway events demo
       npx slipway delete demo --wait
End    Ctrl-C, or npm stop
`);
