import * as z from 'zod/mini';
import { list, readProperties, text, toRef, toXml, type VCenter, waitForTasks, type Xml } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { ref } from './shapes.ts';

const TASK_SECONDS = 30;

const input = z.object({
  /** A ClusterComputeResource. */
  compute: ref,
  /** The rule's name: nobody else's. */
  rule: z.string(),
  /** Managed object ids of the VMs to keep apart; with fewer than two the rule is removed. */
  vms: z.array(z.string()),
});
const output = z.object({ kept: z.boolean() });

/**
 * Keeps VMs on different hosts by an anti-affinity rule of DRS (ClusterAntiAffinityRuleSpec), made, changed or removed as need be.
 * Not a mandatory one: with fewer hosts than VMs they are to run all the same.
 * @returns whether there is such a rule now
 */
export const keepApart: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'keep-apart',
  input,
  output,
  errors: [...VCENTER_ERRORS, 'NotFound', 'InvalidSpec'],
  async run({ vcenter }, { compute, rule, vms }) {
    const [read] = await readProperties(vcenter, [compute], ['configurationEx.rule']);
    const known = list(read?.values['configurationEx.rule']?.ClusterRuleInfo).find(({ name }) => text(name) === rule);
    const apart = list(known?.vm).map(text);
    const wanted = vms.length >= 2;
    if (wanted ? sameMembers(apart, vms) : !known) return { kept: wanted };
    await change(vcenter, compute, wanted ? toChange(rule, vms, known) : toRemoval(known));
    return { kept: wanted };
  },
};

const sameMembers = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((each) => b.includes(each));

/** A ClusterRuleSpec, in the order of the WSDL. */
const toChange = (name: string, vms: readonly string[], known: Xml): Xml => ({
  operation: known ? 'edit' : 'add',
  info: {
    '@xsi:type': 'ClusterAntiAffinityRuleSpec',
    key: known && text(known.key),
    enabled: true,
    name,
    mandatory: false,
    userCreated: true,
    ruleUuid: known?.ruleUuid && text(known.ruleUuid),
    vm: vms.map((value) => toXml({ type: 'VirtualMachine', value })),
  },
});

const toRemoval = (known: Xml): Xml => ({
  operation: 'remove',
  removeKey: { '@xsi:type': 'xsd:int', '#text': text(known.key) },
});

async function change(vcenter: VCenter, compute: Xml, rulesSpec: Xml): Promise<void> {
  const [task] = await vcenter.call('ReconfigureComputeResource_Task', compute, {
    spec: { '@xsi:type': 'ClusterConfigSpecEx', rulesSpec },
    modify: true,
  });
  const [error] = await waitForTasks(vcenter, [toRef(task)], TASK_SECONDS);
  if (error) throw error;
}
