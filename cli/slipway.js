#!/usr/bin/env node
// Runs main.ts with a Node that reads TypeScript: this one, or the one that the project installs.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  await import('./main.ts');
} else {
  const at = (path) => fileURLToPath(new URL(path, import.meta.url));
  const { status } = spawnSync(at('../node_modules/.bin/node'), [at('main.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
