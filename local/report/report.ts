import { z } from 'zod';

const count = z.int().nonnegative();
const quantiles = z.object({ p50: z.number(), p99: z.number() });

/** What a run leaves behind with `--report`: counts of this run alone, and whether they agree. */
export const reportSchema = z.object({
  /** Readings of the replay and the canary, backfill included. */
  readings: z.object({
    /** Handed to Kafka's client. */
    sent: count,
    /** Confirmed by Kafka. */
    acked: count,
    /** Came too late for a window of theirs, by the streaming job's own count. */
    late: count,
    /** Deleted from Kafka before the streaming job read them, by its own count. */
    lost: count,
    /** Rows of the data sets that gave no reading, by reason. */
    rejected: z.record(z.string(), count),
  }),
  /**
   * Records read from each topic, transaction markers not counted. `dutycycle` counts each (appliance, window) once and
   * `history` each (appliance, slot); what was written again is in `repeats`.
   */
  topics: z.object({ powerraw: count, dutycycle: count, history: count, deadletter: count }),
  /** Messages beyond the first for their (appliance, window) or (appliance, slot); live readings that came before. */
  repeats: z.object({ powerraw: count, dutycycle: count, history: count }),
  /** What Druid counts: readings, distinct (appliance, window), distinct (appliance, slot). */
  druid: z.object({ powerraw: count, dutycycle: count, history: count }),
  /** Distinct (appliance, window) that an independent reader of powerraw expects. */
  windows_expected: count,
  /** From produce (powerraw) or from the window's end (dutycycle) until SQL shows it, ms; null when never measured. */
  freshness_ms: z.object({ powerraw: quantiles.nullable(), dutycycle: quantiles.nullable() }),
  /** From the command until the run was live (local/live-since.ts), s; null when it never was. */
  ready_s: z.number().nullable(),
  /** Most resident memory of all processes together, MB. */
  peak_rss_mb: z.number(),
  /** Length of the live part, s. */
  live_s: z.number(),
  /** By process, lines of its standard output that could not be read; a killed process leaves half of one. */
  unreadable_lines: z.record(z.string(), count),
  reconciled: z.boolean(),
  /** What does not agree, a sentence each. */
  disagreements: z.array(z.string()),
});
export type Report = z.infer<typeof reportSchema>;

/** The counts that are compared. */
export type Counts = Pick<Report, 'readings' | 'topics' | 'repeats' | 'druid' | 'windows_expected'> & {
  /** Expected windows that are not in the topic, and windows in the topic that are not expected. */
  readonly windows: { readonly missing: number; readonly unexpected: number };
};

/** @returns a sentence for each pair of counts that should be equal and is not. */
export function disagreements({ readings, topics, repeats, druid, windows, windows_expected }: Counts): string[] {
  // What is no reading went to the dead letters, and neither Spark nor Druid counts it.
  const readable = topics.powerraw - topics.deadletter;
  const pairs: [what: string, left: number, right: number][] = [
    ['readings sent and acknowledged', readings.sent, readings.acked],
    ['readings acknowledged and in Kafka', readings.acked, readable],
    ['readings in Kafka twice or out of order and none', repeats.powerraw, 0],
    ['readings in Kafka and counted by Druid', readable, druid.powerraw],
    ['windows expected and duty cycles in Kafka', windows_expected, topics.dutycycle],
    ['duty cycles in Kafka and in Druid', topics.dutycycle, druid.dutycycle],
    ['history messages in Kafka and in Druid', topics.history, druid.history],
    ['late readings and none', readings.late, 0],
    ['messages lost before Spark read them and none', readings.lost, 0],
    ['expected windows missing and none', windows.missing, 0],
    ['unexpected windows and none', windows.unexpected, 0],
  ];
  return pairs
    .filter(([, left, right]) => left !== right)
    .map(([what, left, right]) => `${what}: ${left} and ${right}`);
}
