import * as z from 'zod/mini';
import { findVms, lookUp, type Ref, text, VSphereError, watchProperties, type Xml } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

const input = z.object({
  nodes: z.array(z.object({ name: z.string(), instanceUuid: z.string(), vm: z.string() })),
  maxWaitSeconds: z.number().check(z.gte(0), z.lte(25)),
});
type Wanted = z.infer<typeof input>['nodes'][number];

const sight = z.object({
  name: z.string(),
  vm: z.optional(z.string()),
  state: z.enum(['on', 'off', 'gone', 'unknown']),
  address: z.optional(z.string()),
});
export type Sight = z.infer<typeof sight>;
const output = z.object({ nodes: z.array(sight) });

const PATHS = { VirtualMachine: ['runtime.powerState', 'guest.ipAddress'] };
const toRef = ({ vm }: Wanted): Ref => ({ type: 'VirtualMachine', value: vm });

/**
 * Watches the VMs of a wave on one property collector, until each has an address or is gone, or the time is over. Tells of each
 * whether it is on or off, gone, and what its address is.
 */
export const observeNodes: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'observe-nodes',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { nodes, maxWaitSeconds }) {
    const look = async (wanted: readonly Wanted[]) => {
      let sights: Sight[] = [];
      await watchProperties(vcenter, wanted.map(toRef), PATHS, maxWaitSeconds, (known) => {
        sights = wanted.map((each) => see(each, lookUp(known, toRef(each))));
        return sights.every(({ state, address }) => state === 'gone' || (state === 'on' && address));
      });
      return sights;
    };
    if (nodes.length === 0) return { nodes: [] };
    try {
      return { nodes: await look(nodes) };
    } catch (error) {
      // One of them is gone, or has another id by now. The UUIDs tell which are there.
      if (!(error instanceof VSphereError) || error.name !== 'NotFound') throw error;
    }
    const uuids = nodes.map(({ instanceUuid }) => instanceUuid);
    const found = await findVms(vcenter, uuids);
    const there = nodes.flatMap((node) => {
      const [vm] = found.get(node.instanceUuid) ?? [];
      return vm ? [{ ...node, vm: vm.value }] : [];
    });
    const gone = nodes.filter(({ instanceUuid }) => !found.has(instanceUuid));
    return {
      nodes: [
        ...(there.length > 0 ? await look(there) : []),
        ...gone.map(({ name }): Sight => ({ name, state: 'gone' })),
      ],
    };
  },
};

function see({ name, vm }: Wanted, values: Record<string, Xml>): Sight {
  if (values.gone) return { name, state: 'gone' };
  const power = text(values['runtime.powerState']);
  if (!power) return { name, vm, state: 'unknown' };
  const address = text(values['guest.ipAddress']) || undefined;
  return power === 'poweredOn' ? { name, vm, state: 'on', address } : { name, vm, state: 'off' };
}
