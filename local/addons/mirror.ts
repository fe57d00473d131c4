import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Addon, type AddonFile, mirrorPath } from '../../lib/addons/catalogue.ts';
import { renderChart } from './chart.ts';
import { moduleFile } from './module-file.ts';

const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What became of a file: its path below the mirror, and why it is not there. */
export interface Mirrored {
  path: string;
  error?: string;
}

/**
 * Brings the files of add-ons into a directory, which any web server can then serve as a mirror. What is there already, and
 * as it was pinned, stays.
 */
export async function makeMirror(directory: string, addons: readonly Addon[]): Promise<Mirrored[]> {
  const mirrored: Mirrored[] = [];
  for (const addon of addons) {
    for (const file of addon.files) {
      const path = mirrorPath(addon, file);
      try {
        await bring(join(directory, path), file);
        mirrored.push({ path });
      } catch (error) {
        mirrored.push({ path, error: (error as Error).message });
      }
    }
  }
  return mirrored;
}

async function bring(target: string, file: AddonFile): Promise<void> {
  if (existsSync(target) && sum(readFileSync(target)) === file.sha256) return;
  const bytes = await read(file);
  const found = sum(bytes);
  if (found !== file.sha256) throw new Error(`its SHA-256 is ${found}, not ${file.sha256}`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.part`, bytes);
  renameSync(`${target}.part`, target);
}

async function read({ module, chart, url = '' }: AddonFile): Promise<Buffer> {
  if (chart) return await renderChart(chart);
  if (module) return await moduleFile(module);
  const answer = await fetch(url).catch((error: Error) => {
    throw new Error(`${url} is not reached: ${(error.cause as Error | undefined)?.message ?? error.message}`);
  });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}
