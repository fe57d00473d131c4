/** What no case may leave behind, each with the case that it was found in. */
export interface Findings {
  duplicates: string[];
  orphans: string[];
  leaks: string[];
  secrets: string[];
  records: string[];
}

export const noFindings = (): Findings => ({ duplicates: [], orphans: [], leaks: [], secrets: [], records: [] });
