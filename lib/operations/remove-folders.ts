import * as z from 'zod/mini';
import { removeEmpty } from './destroy-together.ts';
import { VCENTER_ERRORS, type VCenterOperation } from './operation.ts';

const TASK_SECONDS = 60;

const input = z.object({ folders: z.array(z.string()) });
const output = z.object({});

/** Removes the folders that destructions which died half-way left behind, those that are empty. */
export const removeFolders: VCenterOperation<z.infer<typeof input>, z.infer<typeof output>> = {
  name: 'remove-folders',
  input,
  output,
  errors: VCENTER_ERRORS,
  async run({ vcenter }, { folders }) {
    const refs = folders.map((value) => ({ type: 'Folder', value }));
    await removeEmpty(vcenter, refs, () => TASK_SECONDS);
    return {};
  },
};
