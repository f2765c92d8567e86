/** What a deployment wants of Druid: its format in the archive that the host receives. */
import { z } from 'zod';

const runningSchema = z.strictObject({
  state: z.literal('running'),
  /** The largest valid `interval_ms` of a reading, wall-clock ms. */
  maxIntervalMs: z.int().positive(),
  /** Kafka ingestion tasks of powerraw. */
  powerrawTasks: z.int().positive(),
  /** How long what is ingested can be queried, days. */
  retentionDays: z.int().positive(),
});

export const desiredSchema = z.discriminatedUnion('state', [
  runningSchema,
  /** Nothing is ingested; all stays. */
  z.strictObject({ state: z.literal('suspended') }),
]);

export type Desired = z.output<typeof desiredSchema>;
export type Running = z.output<typeof runningSchema>;

/** Name in the archive, at its top. */
export const DESIRED_FILE = 'desired.json';
