import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireVersion, run } from '../cloud/command.ts';

/** Where the files of a Go module are, once the module proxy has given it and its checksum is known to be right. */
export async function moduleDirectory(path: string, version: string): Promise<string> {
  await requireVersion('go', ['version'], [1, 25]);
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  const { Dir } = JSON.parse(await run('go', ['mod', 'download', '-json', `${path}@${version}`], { cwd: '/', env }));
  return Dir;
}

/** A file of a Go module. */
export async function moduleFile({ path, version, file }: { path: string; version: string; file: string }) {
  return readFileSync(join(await moduleDirectory(path, version), file));
}
