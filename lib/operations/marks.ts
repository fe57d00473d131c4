import { list, text, type Xml } from '../vsphere/index.ts';

/** Whether a VM's extraConfig (ArrayOfOptionValue) says all that the marks say: only then is it ours to touch. */
export function bearsMarks(extraConfig: Xml, marks: Record<string, string>): boolean {
  const written = new Map(list(extraConfig?.OptionValue).map((option) => [text(option.key), text(option.value)]));
  return Object.entries(marks).every(([key, value]) => written.get(key) === value);
}
