import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../local/cloud/command.ts';
import { debianTree } from '../../debian.ts';

/** A shell to run the node program with: its command line, and the directories in which its tools are looked for. */
export interface Shell {
  command: [string, ...string[]];
  path: string;
}

const SYSTEM = '/usr/bin:/bin';
/** Tools that the node program uses and that busybox has too. */
const APPLETS = 'base64 cat cp date grep mkdir mv od printf rm sed sh sha256sum tr'.split(' ');

/** The shell by its name. With busybox the tools are its own as well, as on a system that has nothing else. */
export async function findShell(name: string, directory: string): Promise<Shell> {
  if (name !== 'busybox') return { command: [name], path: SYSTEM };
  const busybox = join(await debianTree('busybox', ['busybox']), 'bin', 'busybox');
  const applets = join(directory, 'applets');
  mkdirSync(applets);
  for (const applet of APPLETS) await run('ln', ['-s', busybox, join(applets, applet)]);
  return { command: [busybox, 'sh'], path: `${applets}:${SYSTEM}` };
}
