/**
 * What the canary says about itself: with `--log json`, one JSON object a line on standard output, of these types. The
 * local grid and the hosts' metrics read them.
 */
import { z } from 'zod';

import { gridFigures } from './grid-figures.ts';

const count = z.int().nonnegative();

/** Once, after the brokers answered and before the first reading. */
const startedEvent = z.object({ event: z.literal('started'), at_ms: z.int() });

/** As soon as a reading, or a window that holds it, was seen by a query. */
const freshnessEvent = z.object({
  event: z.literal('freshness'),
  at_ms: z.int(),
  data_source: z.enum(['powerraw', 'dutycycle']),
  /** powerraw: from produce, dutycycle: from the window's end, until SQL showed it; ms. */
  ms: z.number().nonnegative(),
});

const countsShape = {
  /** Readings handed to the sender. */
  sent: count,
  /** Readings that the brokers confirmed. */
  acknowledged: count,
  /** Queries that Druid did not answer: it starts, recovers, or is away. */
  failed_queries: count,
};

/** Every `--figures`, as long as Druid has recent readings. */
const gridEvent = z.object({ event: z.literal('grid'), at_ms: z.int(), ...gridFigures.shape });

/** Once a second. */
const progressEvent = z.object({ event: z.literal('progress'), at_ms: z.int(), ...countsShape });

/** Once, at the end. */
const stoppedEvent = z.object({ event: z.literal('stopped'), at_ms: z.int(), ...countsShape });

export const canaryEvent = z.discriminatedUnion('event', [
  startedEvent,
  freshnessEvent,
  gridEvent,
  progressEvent,
  stoppedEvent,
]);
export type CanaryEvent = z.infer<typeof canaryEvent>;

/** Reads one line of `--log json`. @throws z.ZodError or SyntaxError when it is none. */
export function parseCanaryEvent(line: string): CanaryEvent {
  return canaryEvent.parse(JSON.parse(line));
}
