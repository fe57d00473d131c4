import { list, type Properties, type Ref, readProperties, text, toRef, type VCenter } from '../../vsphere/index.ts';

/** What vCenter tells of a template. */
export interface TemplateFacts {
  isTemplate: boolean;
  /** e.g. `vmx-19` */
  hardware: string;
  powerState: string;
  /** As recorded when the guest ran last: a version, and e.g. `guestToolsUnmanaged`, which open-vm-tools are. */
  toolsVersion: number;
  toolsStatus: string;
  nics: number;
  hasSnapshot: boolean;
  /** Bytes of a full clone with all its disks written. */
  size: number;
  datastores: Ref[];
  networks: Ref[];
}

/** What vCenter tells of a datastore, or of a datastore cluster as a whole. */
export interface DatastoreFacts {
  name: string;
  free: number;
  accessible: boolean;
  /** `normal`, or how maintenance stands. */
  maintenance: string;
}

export interface NetworkFacts {
  ref: Ref;
  name: string;
}

/** Reads what is checked of a template, in one request. @throws NotFound */
export async function readTemplate(vcenter: VCenter, ref: Ref): Promise<TemplateFacts> {
  const paths = [
    'config.template',
    'config.version',
    'config.tools',
    'guest.toolsVersionStatus2',
    'runtime.powerState',
  ];
  const more = ['summary.config.numEthernetCards', 'summary.storage', 'snapshot', 'datastore', 'network'];
  const [read] = await readProperties(vcenter, [ref], [...paths, ...more]);
  const values = read?.values ?? {};
  const refs = (name: string) => list(values[name]?.ManagedObjectReference).map(toRef);
  const storage = values['summary.storage'];
  return {
    isTemplate: text(values['config.template']) === 'true',
    hardware: text(values['config.version']),
    powerState: text(values['runtime.powerState']),
    toolsVersion: Number(text(values['config.tools']?.toolsVersion)),
    toolsStatus: text(values['guest.toolsVersionStatus2']),
    nics: Number(text(values['summary.config.numEthernetCards'])),
    hasSnapshot: values.snapshot !== undefined,
    size: Number(text(storage?.committed)) + Number(text(storage?.uncommitted)),
    datastores: refs('datastore'),
    networks: refs('network'),
  };
}

/** Reads what is checked of a datastore or a datastore cluster, in one request. @throws NotFound */
export async function readDatastore(vcenter: VCenter, ref: Ref): Promise<DatastoreFacts> {
  const [read] = await readProperties(vcenter, [ref], ['name', 'summary']);
  const summary = read?.values.summary;
  return {
    name: text(read?.values.name),
    free: Number(text(summary?.freeSpace)),
    // A datastore cluster has neither: storage DRS chooses among those that are usable.
    accessible: text(summary?.accessible) !== 'false',
    maintenance: text(summary?.maintenanceMode) || 'normal',
  };
}

/** Reads the names of networks, in a request a type. @throws NotFound */
export async function readNetworks(vcenter: VCenter, refs: readonly Ref[]): Promise<NetworkFacts[]> {
  const types = [...new Set(refs.map(({ type }) => type))];
  const read = await Promise.all(
    types.map((type) =>
      readProperties(
        vcenter,
        refs.filter((each) => each.type === type),
        ['name'],
      ),
    ),
  );
  return read.flat().map(({ ref, values }: Properties) => ({ ref, name: text(values.name) }));
}
