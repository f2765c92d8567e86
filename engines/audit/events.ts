import { z } from 'zod';

const count = z.int().nonnegative();

/** What the auditor prints about once a second: a line of JSON. */
export const auditEvent = z.object({
  event: z.literal('audit'),
  /** Records read from each topic since the run's start; uncommitted and aborted ones are not among them. */
  records: z.object({ powerraw: count, dutycycle: count, history: count, deadletter: count }),
  /**
   * Readings by who sent them, and live ones that do not come after the last one of their appliance: each appliance has
   * one partition and, in it, one reading an instant, in order.
   */
  readings: z.object({ replay: count, canary: count, repeated: count }),
  /** Offset of the next record to read, by topic and partition. */
  positions: z.record(z.string(), z.record(z.string(), count)),
  /** Newest event time in powerraw, ms since the epoch; 0 before the first reading. */
  newest_ms: count,
  windows: z.object({ expected: count, found: count, repeats: count, missing: count, unexpected: z.int() }),
  history: z.object({ found: count, repeats: count, from_ms: count }),
});
export type AuditEvent = z.infer<typeof auditEvent>;
