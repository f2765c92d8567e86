/**
 * Where readings go: the one part that knows how a reading becomes bytes and how bytes become Kafka's.
 *
 * An appliance is made known once and is a number from then on, so that a sink may keep whatever it needs ready per
 * appliance (a key, a prefix of bytes, a partition). Writing is synchronous and never waits; the writer asks
 * `pending` and `oldestPendingMs` before writing more, and waits for `acknowledgement()` when there is too much.
 */

/** What a message says about its appliance. */
export interface Appliance {
  readonly houseId: string;
  readonly applianceId: string;
  readonly applianceName: string;
}

/** Houses that read the same at the same moment, as playbacks of one house do: they differ in ids and a factor only. */
export interface HouseGroup {
  /** By house the number of its first appliance; the next channels' are the next ones. */
  readonly first: Uint32Array;
  /** By house what its readings' power is multiplied by. As long as `first`. */
  readonly factor: Float64Array;
}

/** How many readings went which way since the sink was made. */
export interface SinkCounts {
  /** Taken by {@link RecordSink.write}. */
  sent: number;
  /** Confirmed by the brokers. */
  acknowledged: number;
  /** Given up: never confirmed when the sink had to stop, so the topic may or may not hold them. */
  failed: number;
  /** Acknowledged later than the watermark after their timestamp, live only. */
  late: number;
}

/** The next offset of each partition of the topic. */
export type EndOffsets = ReadonlyMap<number, bigint>;

export interface RecordSink {
  readonly counts: Readonly<SinkCounts>;
  /** Readings written and not yet acknowledged. */
  readonly pending: number;
  /** The earliest timestamp among the readings that wait for acknowledgement; Infinity when none does. */
  readonly oldestPendingMs: number;
  /** Connects. @throws SinkError when the brokers don't answer in time or the topic isn't there. */
  open(): Promise<void>;
  /** @returns the appliance's number, to be written with: one more than the appliance before it got, from 0 on. */
  appliance(appliance: Appliance): number;
  /** Takes one reading; readings of one house must come in time order. */
  write(appliance: number, timestamp: number, power: number, intervalMs: number): void;
  /**
   * Takes one reading of every house of a group: `power * factor[i]` for appliance `first[i] + channel`. The same as so
   * many calls of {@link write}, but what the readings have in common is looked at once.
   */
  writeGroup(group: HouseGroup, channel: number, timestamp: number, power: number, intervalMs: number): void;
  /** What was written so far needn't wait for company. */
  flush(): void;
  /** Resolves when brokers have acknowledged something more. @throws SinkError when that will never happen. */
  acknowledgement(): Promise<void>;
  /** Resolves when everything written is acknowledged. @throws SinkError when that will never happen. */
  drain(): Promise<void>;
  /** From which readings on lateness is counted: those with timestamps from `liveFromMs` on. */
  startCountingLateness(liveFromMs: number): void;
  /** Asks the brokers where the topic ends now. */
  endOffsets(): Promise<EndOffsets>;
  /** Disconnects; readings that are not acknowledged by then count as failed. */
  close(): Promise<void>;
}

/** The sink can't go on: the message is one line that says what, where and what to do. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
}

/**
 * {@link RecordSink.writeGroup} for sinks that look at each reading by itself.
 * @throws RangeError when the group has fewer factors than houses.
 */
export function writeEach(
  sink: Pick<RecordSink, 'write'>,
  { first, factor }: HouseGroup,
  channel: number,
  timestamp: number,
  power: number,
  intervalMs: number,
): void {
  if (factor.length < first.length) {
    throw new RangeError(`${first.length} houses, but ${factor.length} factors`);
  }
  for (let house = 0; house < first.length; house += 1) {
    sink.write((first[house] ?? NaN) + channel, timestamp, power * (factor[house] ?? NaN), intervalMs);
  }
}
