import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Listr } from 'listr2';
import { type Cloud, startCloud } from './cloud/index.ts';
import { installMinistack } from './cloud/ministack.ts';
import { buildVcsim } from './cloud/vcsim.ts';
import { launchDemo, registerConnection } from './demo.ts';
import { buildKubernetes } from './kubernetes/binaries.ts';
import { NETWORK, type RealGuests, startRealGuests } from './kubernetes/guests.ts';
import { requireRealGuests } from './kubernetes/requirements.ts';
import { removeLocalJson, runningPid, STATE_DIRECTORY, writeLocalJson } from './local-json.ts';

const { values: options } = parseArgs({
  options: { 'no-demo': { type: 'boolean' }, fresh: { type: 'boolean' }, kubernetes: { type: 'string' } },
});
const kubernetes = options.kubernetes ?? 'stand-in';
if (kubernetes !== 'stand-in' && kubernetes !== 'real') {
  console.error(`--kubernetes is stand-in or real, not ${kubernetes}`);
  process.exit(2);
}
const real = kubernetes === 'real';
/** What runs on one is nothing for the other. */
const directory = join(STATE_DIRECTORY, real ? 'real' : 'cloud');
const pid = runningPid();
if (pid !== undefined) {
  console.log(`The embedded cloud is running already (process ${pid}). End it with: npm stop`);
  process.exit(0);
}

if (real) {
  await requireRealGuests(NETWORK).catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}

let cloud: Cloud | undefined;
let guests: RealGuests | undefined;
let timeline: string[] = [];
const end = async (code: number) => {
  removeLocalJson();
  await cloud?.stop();
  guests?.stop();
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0));

if (options.fresh) rmSync(directory, { recursive: true, force: true });

const kubectl = ({ binaries }: RealGuests) => `
       npx slipway kubeconfig demo --to demo.kubeconfig
       ${binaries.kubernetes}/kubectl --kubeconfig demo.kubeconfig get nodes`;

const tasks = new Listr([
  { title: 'Install the embedded AWS', task: async () => void (await installMinistack()) },
  { title: 'Build the vCenter simulator', task: async () => void (await buildVcsim()) },
  {
    title: 'Build Kubernetes and etcd (some minutes the first time)',
    enabled: real,
    task: async (_, task) => {
      await buildKubernetes((program) => {
        task.output = program;
      });
      guests = await startRealGuests();
    },
  },
  {
    title: 'Start the cloud and deploy serverless.yml',
    task: async (_, task) => {
      const step = (title: string) => {
        task.output = title;
      };
      cloud = await startCloud({ stateDirectory: directory, step, port: 4566, guests });
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
  console.error(`\n${(error as Error).message}\nLogs are in ${directory}`);
  await end(1);
}
console.log(`
${timeline.join('\n')}

API    ${cloud?.api}
Try    npx slipway get demo
       npx slipway scale demo workers 4
       npx slipway watch demo
       npx slipway events demo${guests ? kubectl(guests) : ''}
       npx slipway delete demo --wait
End    Ctrl-C, or npm stop
`);
