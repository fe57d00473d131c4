import { join } from 'node:path';
import { installPython } from './python.ts';

/** The emulator of AWS, pinned: the launcher mends one place of it. */
const PACKAGES = { ministack: '1.5.33', cryptography: '50.0.2' };

/** Installs MiniStack where it is missing. @returns its environment's Python */
export async function installMinistack(): Promise<string> {
  return join(await installPython('ministack', PACKAGES), 'python');
}
