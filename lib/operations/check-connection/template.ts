import type { DatastoreFacts, NetworkFacts, TemplateFacts } from './facts.ts';
import { failed, ok, type Row, skipped, warning } from './row.ts';

/** Hardware version of ESXi 6.7 U2, the first with what nodes use. */
const MIN_HARDWARE = 15;
/** Fewer full clones than this are a warning. */
const FEW_CLONES = 10;
const GIB = 1024 ** 3;
const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;

/** What of a template can be seen from outside. @param path for the commands in advice */
export function templateRows(facts: TemplateFacts, path: string): Row[] {
  return [
    stateRow(facts),
    hardwareRow(facts, path),
    toolsRow(facts),
    nicsRow(facts),
    ok(
      'template snapshots',
      facts.hasSnapshot ? 'has one: linked clones are possible' : 'none: full clones (a linked clone needs one)',
    ),
    skipped(
      'template cloud-init',
      'can not be seen from outside',
      'In a VM made of the template, `cloud-id` must say vmware, and /run/cloud-init/cloud.cfg must name DataSourceVMware; in the image, datasource_list must have VMware.',
    ),
  ];
}

function stateRow({ isTemplate, powerState }: TemplateFacts): Row {
  if (isTemplate) return ok('template state', 'a template');
  if (powerState === 'poweredOff') return ok('template state', 'a VM that is switched off');
  return failed(
    'template state',
    `a VM that is ${powerState}: its clones would have a disk in use, and its identity`,
    'Shut it down, or make a template of it (govc vm.markastemplate).',
  );
}

function hardwareRow({ hardware, isTemplate }: TemplateFacts, path: string): Row {
  const version = Number(/^vmx-(\d+)$/.exec(hardware)?.[1] ?? 0);
  if (version >= MIN_HARDWARE) return ok('template hardware version', `${version}`);
  const upgrade = `govc vm.upgrade -version=${MIN_HARDWARE} -vm '${path}'`;
  return failed(
    'template hardware version',
    version ? `${version}: below ${MIN_HARDWARE}` : `unknown ('${hardware}')`,
    isTemplate ? `Make it a VM (govc vm.markasvm), ${upgrade}, make it a template again.` : `${upgrade}.`,
  );
}

function toolsRow({ toolsVersion, toolsStatus }: TemplateFacts): Row {
  if (toolsVersion > 0 && toolsStatus !== 'guestToolsNotInstalled') {
    const kind = toolsStatus === 'guestToolsUnmanaged' ? 'open-vm-tools' : `version ${toolsVersion}`;
    return ok('template guest tools', `${kind}, when it ran last`);
  }
  return warning(
    'template guest tools',
    'vCenter has seen none',
    'Install open-vm-tools and start it once before it becomes the template: without them no address of a node is known.',
  );
}

function nicsRow({ nics }: TemplateFacts): Row {
  if (nics > 0) return ok('template NICs', `${nics}`);
  return failed('template NICs', 'none: nodes could not call home', 'Give the template a NIC.');
}

/** That nodes can lie on the datastore: its state, and its space for full clones of `size` bytes. */
export function datastoreRows(
  { name, free, accessible, maintenance }: DatastoreFacts,
  size: number | undefined,
): Row[] {
  const state =
    accessible && maintenance === 'normal'
      ? ok('datastore state', `${name} is accessible`)
      : failed(
          'datastore state',
          `${name} is ${accessible ? `in maintenance (${maintenance})` : 'not accessible'}`,
          'End its maintenance or connect it to the hosts, or name another datastore.',
        );
  if (!size) return [state, skipped('free space', `${gib(free)} on ${name}`, 'Name a template to have it compared.')];
  const clones = Math.floor(free / size);
  const found = `${gib(free)} on ${name}: ${clones} full clones of ${gib(size)}`;
  if (clones >= FEW_CLONES) return [state, ok('free space', found)];
  return [
    state,
    warning('free space', found, 'Free some, name a larger datastore, or use thin disks or linked clones.'),
  ];
}

/** That the networks of a template exist. */
export function networkRows(facts: readonly NetworkFacts[]): Row[] {
  if (facts.length === 0) {
    const advice = "Connect the template's NIC to a network, or let the user read it.";
    return [failed('network', 'the template is connected to none that this user can see', advice)];
  }
  return facts.map(({ ref, name }) => ok('network', `${name} (${ref.type}:${ref.value})`));
}
