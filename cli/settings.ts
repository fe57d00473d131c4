import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where the API is, and who asks. */
export interface Settings {
  api: string;
  token: string;
  organization: number;
}

/** Reads SLIPWAY_API, SLIPWAY_TOKEN and SLIPWAY_ORGANIZATION, or the nearest .slipway/local.json. @throws Error */
export function readSettings(): Settings {
  const { SLIPWAY_API: api, SLIPWAY_TOKEN: token, SLIPWAY_ORGANIZATION: organization = '1' } = process.env;
  if (api && token) return { api: api.replace(/\/$/, ''), token, organization: Number(organization) };
  const file = nearest(process.cwd()) ?? nearest(import.meta.dirname);
  if (!file) throw new Error('Set SLIPWAY_API and SLIPWAY_TOKEN, or start the embedded cloud with: npm start');
  const local = JSON.parse(readFileSync(file, 'utf8'));
  return { api: local.api, token: local.token, organization: Number(organization) };
}

function nearest(directory: string): string | undefined {
  const file = join(directory, '.slipway', 'local.json');
  if (existsSync(file)) return file;
  const parent = dirname(resolve(directory));
  return parent === directory ? undefined : nearest(parent);
}
