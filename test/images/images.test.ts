import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { clusterSpec } from '../../lib/cluster/spec.ts';
import { run } from '../../local/cloud/command.ts';
import { buildGo } from '../../local/cloud/go.ts';

interface Report {
  findings: string[];
  source?: Record<string, unknown> & { cd_content: Record<string, string>; http_content: Record<string, string> };
  scripts: string[];
  required: string[];
}

let linter: string;
const lint = async (directory: string): Promise<Report> => JSON.parse(await run(linter, [directory]));
beforeAll(async () => {
  linter = await buildGo('packer-lint', join(import.meta.dirname, 'lint'));
}, 180_000);

const spec = clusterSpec.parse({
  name: 'x',
  secretName: 'lab',
  nodepools: [{ name: 'm', roles: ['master'], size: 1, vcpu: 2, ram: 4096 }],
});

describe.each(['ubuntu-24.04', 'debian-13', 'rocky-9'])('the template %s', (system) => {
  let report: Report;
  beforeAll(async () => {
    report = await lint(join('images', system));
  });

  test('is what Packer reads, with nothing undeclared, unused or missing', () => {
    expect(report.findings).toEqual([]);
  });
  test('makes a template with hardware that Slipway wants, and says what is in it', () => {
    expect(report.source).toMatchObject({
      convert_to_template: true,
      vm_name: `${system}-kubernetes-${spec.kubernetes.version}`,
      disk_controller_type: ['pvscsi'],
      network_adapters: [{ network_card: 'vmxnet3' }],
      notes: expect.stringContaining(`System: ${system}. Kubernetes: ${spec.kubernetes.version}.`),
    });
    expect(report.source?.vm_version).toBeGreaterThanOrEqual(15);
  });
  test('has no address that it was not given', () => {
    expect(report.required).toEqual(
      expect.arrayContaining(['iso_url', 'package_mirror', 'kubernetes_repository', 'containerd_repository']),
    );
    const hosts = JSON.stringify(report.source).match(/https?:\/\/[^/"\\]+/g) ?? [];
    for (const host of hosts) expect(host).toMatch(/^http:\/\/(\w+\.test|\{\{ \.HTTPIP \}\}:\{\{ \.HTTPPort \}\})$/);
  });
  test('checks the image, then seals it, last', () => {
    expect(report.scripts.map((path) => basename(path)).slice(-2)).toEqual(['check.sh', 'seal.sh']);
  });
  test('is installed without swap and without a password', () => {
    const answers = Object.values({ ...report.source?.cd_content, ...report.source?.http_content }).join('\n');
    expect(answers).toContain('builder');
    expect(answers).not.toMatch(/part swap|linux-swap|--plaintext|--iscrypted|password-crypted password \$/);
  });
});

test('Ubuntu’s answers are the autoinstall of a machine with one user, who signs in with a key', async () => {
  const { source } = await lint('images/ubuntu-24.04');
  const text = source?.cd_content['user-data'] ?? '';
  expect(text).toMatch(/^#cloud-config\n/);
  const { autoinstall } = parse(text);
  expect(autoinstall).toMatchObject({ version: 1, storage: { swap: { size: 0 } }, ssh: { 'allow-pw': false } });
  expect(autoinstall['user-data'].users).toMatchObject([{ name: 'builder', lock_passwd: true }]);
});

describe('what is wrong in a template is found:', () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'slipway-images-'));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  test.each([
    ['no HCL', 'source', 'CPUs                 = 2', 'CPUs = = 2', /Invalid expression/],
    ['an unknown attribute', 'source', 'CPUs ', 'cpus ', /cpus/],
    ['a value of another type', 'source', 'disk_thin_provisioned = true', 'disk_thin_provisioned = "maybe"', /bool/],
    ['an undeclared variable', 'source', 'var.disk_size', 'var.disksize', /var\.disksize is not declared/],
    ['an unused variable', 'source', 'var.folder', '"x"', /var\.folder is declared and never used/],
    ['an undeclared local', 'source', 'local.boot_command', 'local.bootcommand', /local\.bootcommand is not declared/],
    ['a missing script', 'build', 'kernel.sh', 'kernels.sh', /kernels\.sh: there is no such file/],
    ['a missing file', 'build', '99-slipway.cfg"\n    dest', '98.cfg"\n    dest', /98\.cfg: there is no such file/],
    [
      'an unknown source',
      'build',
      'source.vsphere-iso.node',
      'source.vsphere-iso.x',
      /there is no source\.vsphere-iso\.x/,
    ],
    ['an unknown provisioner', 'build', 'provisioner "file"', 'provisioner "files"', /only the provisioners/],
    ['old hardware', 'machine', '= 19', '= 14', /vm_version: its own default is not valid/],
    ['a default of another type', 'machine', '= 20480', '= "big"', /disk_size: the default is not of its type/],
    ['an unfilled answer', 'system', 'package_mirror = var.package_mirror', 'mirror = var.package_mirror', /mirror/],
  ])('%s', async (_, file, from, to, finding) => {
    const images = join(copy, 'images');
    cpSync('images', images, { recursive: true, verbatimSymlinks: true });
    const path = join(images, file === 'system' ? 'ubuntu-24.04' : 'common', `${file}.pkr.hcl`);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
    expect((await lint(join(images, 'ubuntu-24.04'))).findings.join('\n')).toMatch(finding);
    rmSync(images, { recursive: true });
  });
});
