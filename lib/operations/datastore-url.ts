import * as z from 'zod/mini';
import { findOne, KINDS, readEntities, readFacts, text } from '../vsphere/index.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

const input = z.object({ datastore: z.string(), datacenter: z.optional(z.string()) });
/** Without a URL where the name is a datastore cluster's, which has none. */
const output = z.object({ url: z.optional(z.string()) });

/** Finds the URL of a datastore, by which the storage driver knows it: three requests. */
export const datastoreUrl: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'datastore-url',
  input,
  output,
  errors: [...VCENTER_ERRORS, 'NotFound', 'InvalidSpec'],
  async run({ vcenter }, { datastore, datacenter }) {
    const entities = await readEntities(vcenter);
    const within = datacenter === undefined ? undefined : findOne(entities, KINDS.datacenter, datacenter);
    const { ref } = findOne(entities, KINDS.datastore, datastore, within);
    if (ref.type !== 'Datastore') return {};
    const [found] = await readFacts(vcenter, [ref], { Datastore: ['summary.url'] });
    return { url: text(found?.values['summary.url']) || undefined };
  },
};
