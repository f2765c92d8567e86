/** Times and limits of dispatching. Durations are wall-clock ms: they belong to the network, not to the grid. */
import { z } from 'zod';

const duration = z.int().positive();

export const dispatchPolicySchema = z.strictObject({
  /** How long a house may take to answer before it is asked again. @default 2 s */
  ackMs: duration.default(2_000),
  /** How often a house is asked. The last deadline is before the 5 s in which it must be replaced. @default 2 */
  attempts: z.int().min(1).default(2),
  /** How often others are asked for in one event. @default 20 */
  maxReplacements: z.int().nonnegative().default(20),
  /** Replacements must bring at least so much time. @default 5 s */
  minLeftMs: duration.default(5_000),
  /** How long after the last release a house may still report it. @default 5 s */
  graceMs: duration.default(5_000),
  /** How long after its start a plan may still be started. @default 30 s */
  staleMs: duration.default(30_000),
  /** How long a proposal waits for somebody to decide. @default 1 h */
  proposalMs: duration.default(3_600_000),
});

export type DispatchPolicy = Readonly<z.infer<typeof dispatchPolicySchema>>;

/** @param given fields that differ from the defaults. @throws ZodError when one is out of its range. */
export function dispatchPolicyOf(given: z.input<typeof dispatchPolicySchema> = {}): DispatchPolicy {
  return dispatchPolicySchema.parse(given);
}
