import { list, text, type Xml } from '../vsphere/index.ts';

/** Reads a VM's extraConfig (ArrayOfOptionValue) as text by key. */
export function readMarks(extraConfig: Xml): Record<string, string> {
  return Object.fromEntries(list(extraConfig?.OptionValue).map((option) => [text(option.key), text(option.value)]));
}
