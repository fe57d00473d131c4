import * as z from 'zod/mini';

/** A reference to a managed object. */
export const ref = z.strictObject({ type: z.string(), value: z.string() });

/** An error as an operation tells it of one node. */
export const nodeError = z.object({ name: z.string(), message: z.string() });
export type NodeError = z.infer<typeof nodeError>;

export const told = (error: unknown): NodeError =>
  error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'TaskFailed', message: String(error) };
