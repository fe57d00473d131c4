import * as z from 'zod/mini';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';
import { resolvePlacement } from './resolve-placement.ts';
import { nodeError, told } from './shapes.ts';

const input = z.object({
  defaults: z.object({
    datacenter: z.optional(z.string()),
    folder: z.optional(z.string()),
    resourcePool: z.optional(z.string()),
    datastore: z.optional(z.string()),
    networks: z.optional(z.array(z.string())),
    storagePolicy: z.optional(z.string()),
    template: z.optional(z.string()),
  }),
});
const output = z.object({
  about: z.object({ name: z.string(), version: z.string(), instanceUuid: z.string() }),
  placement: z.object({ ok: z.boolean(), error: z.optional(nodeError) }),
});

/** Signs in, and resolves the defaults of a connection. */
export const checkConnection: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'check-connection',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run(context, { defaults }) {
    const { about } = await context.vcenter.content();
    try {
      await resolvePlacement.run(context, { placements: [{ key: 'defaults', ...defaults }] });
      return { about, placement: { ok: true } };
    } catch (error) {
      if (error instanceof Error && VCENTER_ERRORS.includes(error.name)) throw error;
      return { about, placement: { ok: false, error: told(error) } };
    }
  },
};
