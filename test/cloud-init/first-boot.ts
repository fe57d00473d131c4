import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../local/cloud/command.ts';
import { debianTree } from '../debian.ts';

const HERE = import.meta.dirname;
const IMAGES = join(HERE, '..', '..', 'images');
/** cloud-init with what a Debian image has besides: a shell, its tools, ifupdown and ssh-keygen. */
const PACKAGES = [
  ...[
    'apt',
    'bash',
    'curl',
    'gpg',
    'cloud-init',
    'coreutils',
    'diffutils',
    'dash',
    'findutils',
    'grep',
    'gzip',
    'hostname',
  ],
  ...['ifupdown', 'netplan.io', 'openssh-client', 'passwd', 'sed', 'tar', 'util-linux'],
];
const NAMESPACES = ['--mount', '--uts', '--net', '--pid', '--ipc', '--fork', '--kill-child'];
/** Seconds that a boot may take. */
const PATIENCE = 180;
const GROUPS = { root: 0, adm: 4, tty: 5, sudo: 27, shadow: 42 };

/** The packages are Debian's; only root may mount, and make users with numbers of their own. */
export const able =
  process.getuid?.() === 0 &&
  existsSync('/usr/bin/apt-get') &&
  spawnSync('unshare', [...NAMESPACES, 'true']).status === 0;

/** What differs from a machine with one NIC, ifupdown and stand-ins for all that only a real machine runs. */
interface Special {
  macAddresses?: readonly string[];
  /** How cloud-init writes what it was told of the network. */
  renderer?: string;
  /** Stand-ins that it does not have. */
  lacks?: readonly string[];
  codename?: string;
}

/** A machine after its first boot. */
export interface Booted {
  /** A file of the machine that the boot has written. */
  read(path: string): string;
  /** Mode bits of such a file. */
  mode(path: string): number;
  dispose(): void;
}

/**
 * Boots Debian's cloud-init in namespaces of its own with this guestinfo, on an image that our scripts have
 * sealed or on Debian as it is. Needs root.
 * @param guestinfo may depend on what it makes in the root of the machine's files
 * @throws Error with the end of what it said
 */
export async function firstBoot(
  guestinfo: Record<string, string> | ((root: string) => Record<string, string>),
  image: 'ours' | 'plain',
  { macAddresses = [], renderer = 'eni', lacks = [], codename = '' }: Special = {},
): Promise<Booted> {
  const tree = await debianTree('cloud-init', PACKAGES);
  const work = mkdtempSync(join(tmpdir(), 'slipway-cloud-init-'));
  const upper = join(work, 'upper');
  const write = (path: string, content: string) => {
    mkdirSync(join(upper, path, '..'), { recursive: true });
    writeFileSync(join(upper, path), content);
  };
  mkdirSync(join(upper, 'answers'), { recursive: true });
  const told = typeof guestinfo === 'function' ? guestinfo(upper) : guestinfo;
  for (const [key, value] of Object.entries(told)) write(`guestinfo/${key}`, value);
  write('etc/os-release', `ID=debian\nVERSION_CODENAME=${codename}\n`);
  // Nobody is there for apt to become.
  write('etc/apt/apt.conf.d/99-test', 'APT::Sandbox::User "root";\n');
  write('var/lib/dpkg/status', '');
  write('etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n');
  write('etc/shadow', 'root:*::0:99999:7:::\n');
  write(
    'etc/group',
    Object.entries(GROUPS)
      .map(([name, id]) => `${name}:x:${id}:\n`)
      .join(''),
  );
  write('etc/network/interfaces', 'source /etc/network/interfaces.d/*\n');
  // There is no disk to grow, and no locale to make.
  write(
    'etc/cloud/cloud.cfg.d/99-test.cfg',
    `locale: C.UTF-8\nresize_rootfs: false\nsystem_info: { network: { renderers: [${renderer}] } }\n`,
  );
  write('nics', macAddresses.map((address) => `${address}\n`).join(''));
  mkdirSync(join(upper, 'usr', 'local', 'bin'), { recursive: true });
  for (const name of readdirSync(join(HERE, 'bin')).filter((each) => !lacks.includes(each))) {
    copyFileSync(join(HERE, 'bin', name), join(upper, 'usr', 'local', 'bin', name));
    chmodSync(join(upper, 'usr', 'local', 'bin', name), 0o755);
  }
  cpSync(IMAGES, join(upper, 'images'), { recursive: true, verbatimSymlinks: true });
  const dispose = () => rmSync(work, { recursive: true });
  try {
    const scripts = [...(image === 'ours' ? ['build.sh'] : []), 'boot.sh'].map((name) => join(HERE, name));
    const machine = ['sh', join(HERE, 'machine.sh'), tree, work, ...scripts];
    await run('timeout', [String(PATIENCE), 'unshare', ...NAMESPACES, ...machine]);
  } catch (error) {
    const log = join(upper, 'var/log/slipway.log');
    const said = existsSync(log) ? readFileSync(log, 'utf8').slice(-3000) : 'the node program was not run';
    dispose();
    throw new Error(`${(error as Error).message}\n${said}`);
  }
  return {
    read: (path) => readFileSync(join(upper, path), 'utf8'),
    mode: (path) => statSync(join(upper, path)).mode & 0o777,
    dispose,
  };
}
