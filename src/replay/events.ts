/**
 * What the replay says about itself: with `--log json`, one JSON object a line on standard output, of these types. The
 * local grid and the hosts' metrics read them.
 */
import { z } from 'zod';

const count = z.int().nonnegative();
const byReason = z.record(z.string(), count);

/** A distribution of waiting times, ms; all 0 without any. */
const waiting = z.object({
  p50: z.number().nonnegative(),
  p99: z.number().nonnegative(),
  max: z.number().nonnegative(),
});

const countsShape = {
  /** Readings handed to the sender. */
  sent: count,
  /** Readings that the brokers confirmed. */
  acknowledged: count,
  /** Readings that were never confirmed and never will be: the topic may or may not hold them. */
  failed: count,
  /** Live readings that were confirmed later than the watermark after their timestamp. */
  late: count,
  /** Rows of the data sets that gave no reading, by reason. A loop counts its rows in every round. */
  rejected: byReason,
  /** Readings that the replay left out, by reason. */
  skipped: byReason,
  /** Cells of the data sets without a value. */
  missing: count,
  /** The longest that a due reading ever waited to be handed to the sender, ms. */
  late_ms_max: z.number().nonnegative(),
};

/** Once, after the brokers answered and before the first reading. */
export const startedEvent = z.object({
  event: z.literal('started'),
  /** Wall-clock ms. */
  at_ms: z.int(),
  /** The instant at which playback 0 is at its loop's first midnight, wall-clock ms; give it as --epoch to go on. */
  epoch_ms: z.int(),
  speed: z.number(),
  houses: count,
  appliances: count,
  /** Readers of data set files. */
  streams: count,
  /** What was left out or made up while the data sets were opened, and which houses are silent for long; one line each. */
  warnings: z.array(z.string()),
});

/** Once a second. */
export const progressEvent = z.object({
  event: z.literal('progress'),
  at_ms: z.int(),
  phase: z.enum(['backfill', 'live', 'unpaced', 'draining']),
  ...countsShape,
  /** Acknowledged readings per second since the last progress. */
  readings_per_s: z.number().nonnegative(),
  /** Readings that wait for their acknowledgement. */
  pending: count,
  /** How long the reading that is due first has been waiting, ms; 0 when the replay keeps up. */
  late_ms: z.number().nonnegative(),
  /** How long after they were due live readings were handed to the sender, since the last progress. */
  lateness_ms: waiting,
  /** How long ago the oldest reading was due that the brokers had not confirmed, looked at every 25 ms. */
  unacknowledged_ms: waiting,
});

/** Once, when all that lies before `live_from_ms` is acknowledged, backfill or none. */
export const backfilledEvent = z.object({
  event: z.literal('backfilled'),
  at_ms: z.int(),
  /** All later readings have timestamps from here on, all earlier ones before; wall-clock ms, a whole second. */
  live_from_ms: z.int(),
  /** The topic's end by partition, read from the brokers: where a reader of the live readings alone starts. */
  offsets: z.record(z.string(), count),
  /** How many readings were replayed from the past. */
  readings: count,
});

/** Once, at the end. */
export const stoppedEvent = z.object({
  event: z.literal('stopped'),
  at_ms: z.int(),
  reason: z.enum(['signal', 'duration', 'readings', 'stdin', 'error']),
  ...countsShape,
  /** As in progress, since live began. */
  lateness_ms: waiting,
  unacknowledged_ms: waiting,
  /** How long it ran from the first reading to the last acknowledgement, s. */
  seconds: z.number().nonnegative(),
});

export const replayEvent = z.discriminatedUnion('event', [startedEvent, progressEvent, backfilledEvent, stoppedEvent]);

export type StartedEvent = z.infer<typeof startedEvent>;
export type ProgressEvent = z.infer<typeof progressEvent>;
export type BackfilledEvent = z.infer<typeof backfilledEvent>;
export type StoppedEvent = z.infer<typeof stoppedEvent>;
export type ReplayEvent = z.infer<typeof replayEvent>;
export type StopReason = StoppedEvent['reason'];
export type ReplayPhase = ProgressEvent['phase'];

/** Reads one line of `--log json`. @throws z.ZodError or SyntaxError when it is none. */
export function parseReplayEvent(line: string): ReplayEvent {
  return replayEvent.parse(JSON.parse(line));
}
