import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { invalidSpec } from './errors.ts';

// zod/mini comes without words.
z.config(en());

/** `nodepools[0].size` */
export function pathOf(path: PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  );
}

/**
 * Parses what comes from outside, once.
 * @param what names it in the message where no field can
 * @throws InvalidSpec naming each field that is wrong and what is allowed
 */
export function parse<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${pathOf(issue.path) || what}: ${issue.message}`);
  throw invalidSpec(issues.join('; '));
}

/** Ids of organizations and clusters: clients parse them as positive 32-bit integers. */
export const id = z.pipe(
  z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d{1,10}$/)), z.transform(Number))], 'a positive integer'),
  z.int('a positive integer').check(z.gte(1), z.lte(0x7fffffff)),
);
