/**
 * Runs the tests on the real Kubernetes: builds it, then runs vitest in namespaces. Arguments are vitest's; where they name test
 * files, only the projects of these run. Needs unprivileged user namespaces, or root.
 */
import { cannotRun, PROJECTS, prepare, runInNamespaces } from './in-namespaces.ts';

const reason = await cannotRun();
if (reason) {
  console.error(`The tests on the real Kubernetes can not run here: ${reason}`);
  process.exit(1);
}
const began = Date.now();
const binaries = await prepare();
console.log(`Kubernetes and etcd are built (${Math.round((Date.now() - began) / 1000)} s)`);

const args = process.argv.slice(2);
const named = PROJECTS.filter((project) => args.some((arg) => arg.startsWith(`test/${project}/`)));
for (const project of named.length > 0 ? named : PROJECTS) {
  const status = await runInNamespaces(project, binaries, args, 'inherit');
  process.exitCode ||= status;
}
