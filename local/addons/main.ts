/**
 * `npm run addons -- --to DIRECTORY`: brings the manifests of all add-ons into a directory, each with its checksum checked, for
 * nodes that do not reach the public sources. Any web server can serve it.
 */
import { parseArgs } from 'node:util';
import { CATALOGUE } from '../../lib/addons/catalogue.ts';
import { makeMirror } from './mirror.ts';

const { to } = parseArgs({ options: { to: { type: 'string' } } }).values;
if (!to) {
  console.error('Usage: npm run addons -- --to DIRECTORY');
  process.exit(2);
}
const mirrored = await makeMirror(to, Object.values(CATALOGUE));
for (const { path, error } of mirrored) console.log(error ? `${path}: MISSING: ${error}` : path);
process.exitCode = mirrored.some(({ error }) => error) ? 1 : 0;
