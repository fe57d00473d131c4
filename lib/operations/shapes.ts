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

/**
 * What became of a node: a task to wait for (its clone, or the power-on of a VM that was adopted), a VM that exists and is on,
 * `pending` where a clone that may be its own is under way, or an error.
 */
export const cloned = z.object({
  name: z.string(),
  task: z.optional(z.string()),
  vm: z.optional(z.string()),
  pending: z.optional(z.boolean()),
  error: z.optional(nodeError),
});
export type Cloned = z.infer<typeof cloned>;
