import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Imports .sh files as text, as the bundler does. */
const text = {
  name: 'text',
  enforce: 'pre' as const,
  load: (id: string) => (id.endsWith('.sh') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}` : undefined),
};

/** Shells under which the node program is tried besides dash, where the machine has them or can fetch them. */
const shells = [
  { name: 'bash', needs: '/bin/bash' },
  { name: 'busybox', needs: '/usr/bin/apt-get' },
].filter(({ needs }) => existsSync(needs));

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [text],
        test: { name: 'unit', include: ['test/{lib,functions,cli,local,deployment,images,secrecy}/**/*.test.ts'] },
      },
      ...shells.map(({ name }) => ({
        plugins: [text],
        test: {
          name,
          include: ['test/lib/bootstrap/{node-program,addons,etcd-member}.test.ts'],
          env: { NODE_SHELL: name },
          hookTimeout: 120_000,
        },
      })),
      {
        plugins: [text],
        test: { name: 'cloud-init', include: ['test/cloud-init/**/*.test.ts'], hookTimeout: 400_000 },
      },
      {
        plugins: [text],
        test: {
          name: 'keepalived',
          include: ['test/keepalived/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
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
      {
        plugins: [text],
        test: {
          name: 'real-cloud',
          include: ['test/real-cloud/**/*.test.ts'],
          globalSetup: ['test/real-cloud/global-setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
