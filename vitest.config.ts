import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Imports .sh files as text, as the bundler does. */
const text = {
  name: 'text',
  enforce: 'pre' as const,
  load: (id: string) => (id.endsWith('.sh') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}` : undefined),
};

export default defineConfig({
  test: {
    projects: [
      { plugins: [text], test: { name: 'unit', include: ['test/{lib,functions,cli,local,deployment}/**/*.test.ts'] } },
      {
        plugins: [text],
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        plugins: [text],
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          globalSetup: ['test/real/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
