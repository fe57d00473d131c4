import * as z from 'zod/mini';
import { countClones, toRef, toXml, type VCenter } from '../vsphere/index.ts';
import { adoptVms } from './adopt-vms.ts';
import { type CloneNode, cloneNode, cloneSpec } from './clone-spec.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { type Placement, placements } from './placement/placement.ts';
import { type Cloned, cloned, told } from './shapes.ts';

const input = z.object({
  placements,
  /** As many as may be cloned at once. */
  nodes: z.array(cloneNode),
  /** When the clones of nodes that may exist may have been asked for. ISO 8601. */
  since: z.string(),
  until: z.string(),
  /** Clone tasks that are known to be of other nodes. */
  known: z.array(z.string()),
});
type Input = z.infer<typeof input>;

const output = z.object({ nodes: z.array(cloned) });

/**
 * Clones VMs, one CloneVM_Task each: location, hardware, marks, guestinfo, instance UUID and power-on in one request. It does
 * not wait for the tasks. A VM that an earlier try made is adopted where its marks are ours.
 */
export const cloneVms: VCenterOperation<Input, z.infer<typeof output>> = {
  name: 'clone-vms',
  input,
  output,
  errors: [...VCENTER_ERRORS, 'NotFound', 'NameTaken', 'InvalidSpec', 'OutOfResources'],
  async run({ vcenter }, { placements, nodes, since, until, known }) {
    const doubtful = nodes.filter(({ mayExist }) => mayExist);
    const adopted = await adoptVms(vcenter, doubtful);
    const lost = doubtful.filter(({ name }) => !adopted.has(name));
    // A clone whose answer was lost has no VM to find until it is done.
    const templates = lost.map(({ template }) => template.value);
    const asked = { since: new Date(since), until: new Date(until), except: known, templates };
    const underWay = lost.length > 0 ? await countClones(vcenter, asked) : 0;
    return {
      nodes: await Promise.all(
        nodes.map(async (node) => {
          const known = adopted.get(node.name);
          if (known) return known;
          if (node.mayExist && underWay > 0) return { name: node.name, pending: true };
          return await clone(vcenter, placements[node.placement] as Placement, node);
        }),
      ),
    };
  },
};

async function clone(vcenter: VCenter, placement: Placement, node: CloneNode): Promise<Cloned> {
  const { name, template } = node;
  try {
    const [task] = await vcenter.call('CloneVM_Task', template, {
      folder: toXml(placement.folder),
      name,
      spec: cloneSpec(placement, node),
    });
    return { name, task: toRef(task).value };
  } catch (error) {
    return { name, error: told(error) };
  }
}
