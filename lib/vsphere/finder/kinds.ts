import type { Entity } from './entities.ts';

/** A kind of object that can be named. */
export interface Kind {
  /** Its name in errors. */
  what: string;
  types: readonly string[];
  /** The folder of a datacenter below which it lies, and where paths that are not absolute begin. */
  root?: 'vm' | 'host' | 'datastore' | 'network';
  /** The object that one stands for. */
  standsFor?: (entity: Entity) => Entity;
}

const isStandaloneHost = ({ ref, parent }: Entity) =>
  ref.type === 'HostSystem' && parent?.ref.type === 'ComputeResource';

export const KINDS = {
  datacenter: { what: 'datacenter', types: ['Datacenter'] },
  folder: { what: 'folder', types: ['Folder'], root: 'vm' },
  /** Where VMs run. A host by itself has the name of its compute resource: one stands for the other. */
  resourcePool: {
    what: 'resource pool',
    types: ['ResourcePool', 'VirtualApp', 'ComputeResource', 'ClusterComputeResource', 'HostSystem'],
    root: 'host',
    standsFor: (entity) => (isStandaloneHost(entity) && entity.parent) || entity,
  },
  datastore: { what: 'datastore', types: ['Datastore', 'StoragePod'], root: 'datastore' },
  network: { what: 'network', types: ['Network', 'DistributedVirtualPortgroup', 'OpaqueNetwork'], root: 'network' },
  template: { what: 'template', types: ['VirtualMachine'], root: 'vm' },
} satisfies Record<string, Kind>;
