import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddonFile } from '../../lib/addons/catalogue.ts';
import { run } from '../cloud/command.ts';
import { buildTool } from '../cloud/go.ts';
import { moduleDirectory } from './module-file.ts';

const HELM = join(import.meta.dirname, '..', 'helm');
/** The oldest Kubernetes that we launch: what the chart makes of it is fit for the newer ones too. */
const KUBERNETES = '1.31.0';

/** Renders a Helm chart from its Go module: the same bytes each time. Builds helm once, some minutes. */
export async function renderChart(chart: NonNullable<AddonFile['chart']>): Promise<Buffer> {
  const { path, version, directory, namespace, values } = chart;
  const helm = await buildTool('helm', HELM, 'helm.sh/helm/v4/cmd/helm');
  const source = join(await moduleDirectory(path, version), directory);
  const target = mkdtempSync(join(tmpdir(), 'slipway-chart-'));
  try {
    const set = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const name = path.split('/').at(-1) as string;
    const options = ['--namespace', namespace, '--kube-version', KUBERNETES, ...set];
    // Nothing of the user's own configuration of helm.
    const env = { PATH: process.env.PATH, HOME: target };
    return Buffer.from(await run(helm, ['template', name, source, ...options], { cwd: target, env }));
  } finally {
    rmSync(target, { recursive: true });
  }
}
