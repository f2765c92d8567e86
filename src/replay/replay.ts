/** The replay from start to end: connect, replay the past, go live, stop in order. */
import { gridClock } from '../core/clock/grid-clock.ts';
import type { Heartbeat } from '../core/clock/heartbeat.ts';
import { after } from '../core/clock/timers.ts';
import type { Channel, RowCounts } from '../datasets/data-set/data-set.ts';
import { forEachBounded } from '../datasets/files/for-each-bounded.ts';
import { type RecordSink, SinkError } from '../kafka/producer/record-sink.ts';
import type { Skips } from './cohort.ts';
import type { ReplayEvent, ReplayPhase, StoppedEvent, StopReason } from './events.ts';
import { Pacer } from './pacer.ts';
import { type ReplayHouse, type ReplayStream, replayStreams } from './replay-streams.ts';
import { mergeSpans, type Span } from './spans.ts';

/** How many readers open at once. */
const OPENING_AT_ONCE = 16;

/** How far ahead of the clock live begins, ms: time to flush the last of the past before. */
const LIVE_AHEAD_MS = 1_000;

/** How much of the past is replayed before other streams get their turn, wall-clock ms. */
const BACKFILL_STEP_MS = 1_000;

const PROGRESS_MS = 1_000;

export interface ReplayOptions {
  readonly houses: readonly ReplayHouse[];
  /** Playbacks `from` to `to` - 1. */
  readonly from: number;
  readonly to: number;
  /** Grid seconds per wall-clock second. */
  readonly speed: number;
  /** When playback 0 is at its loop's first midnight, wall-clock ms. @default now, at the last whole second */
  readonly epochMs?: number | undefined;
  /** Seed of the power factors. */
  readonly seed: string;
  /** How much of its past the first playback replays before live begins, ms of grid time. */
  readonly backfillMs: number;
  /** The same for all other playbacks. @default 0 */
  readonly othersBackfillMs?: number;
  /** Spans of wall-clock time in which the first playback gets no readings. */
  readonly skipSpans: readonly Span[];
  /** The same for all other playbacks. @default those of the first */
  readonly othersSkipSpans?: readonly Span[];
  /** Stops after this much live time, wall-clock ms. @default never */
  readonly forMs?: number | undefined;
  /**
   * Instead of live: sends as fast as brokers take them, until about so many messages are sent; timestamps run ahead of
   * the clock.
   */
  readonly unpaced?: { readonly readings: number } | undefined;
  /** How long brokers have to acknowledge what is under way at the end, ms. */
  readonly drainMs: number;
  /** An appliance's name in messages, of the data set's own label. */
  readonly nameOf: (channel: Channel) => string;
  /** What there was to say of the data sets. @default nothing */
  readonly warnings?: readonly string[];
  readonly sink: RecordSink;
  /** Knows when the process was stopped. @default it never was */
  readonly heartbeat?: Pick<Heartbeat, 'resumedMs'>;
  readonly emit: (event: ReplayEvent) => void;
}

/** Streams that start in the past. */
interface PastStreams {
  /** How far back, wall-clock ms; over 0. */
  readonly pastMs: number;
  readonly streams: readonly ReplayStream[];
}

/** A replay of data sets into a sink. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #counts: RowCounts = { rows: 0, readings: 0, missing: 0, rejected: new Map() };
  readonly #skips: Skips = { same_instant: 0, backfilled_before: 0, while_stopped: 0 };
  readonly #stop = new AbortController();
  readonly #pacer: Pacer;
  #stopReason: StopReason = 'signal';
  #phase: ReplayPhase = 'backfill';
  #acknowledgedBefore = 0;
  #progressAt = Date.now();

  constructor(options: ReplayOptions) {
    this.#options = options;
    const { sink, heartbeat } = options;
    this.#pacer = new Pacer({ sink, heartbeat, now: Date.now, signal: this.#stop.signal });
  }

  /** Ends the replay in order; {@link run} then returns. */
  stop(reason: StopReason): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    this.#stopReason = reason;
    this.#stop.abort();
  }

  /**
   * Replays until stopped.
   *
   * @throws SinkError when the brokers can't be reached or refuse the readings, or when what was under way at the end
   *   wasn't acknowledged in time; the data sets' errors when files can't be read. The event `stopped` comes all the same.
   */
  async run(): Promise<void> {
    const { sink, emit } = this.#options;
    await sink.open();
    const startedAt = Date.now();
    const epochMs = this.#options.epochMs ?? Math.floor(startedAt / 1_000) * 1_000;
    const streams = this.#streams(epochMs);
    const all = [...streams.past.flatMap((group) => group.streams), ...streams.present];
    emit({
      event: 'started',
      at_ms: startedAt,
      epoch_ms: epochMs,
      speed: this.#options.speed,
      houses: this.#options.houses.length * (this.#options.to - this.#options.from),
      appliances: this.#appliances(),
      streams: all.length,
      warnings: [...(this.#options.warnings ?? [])],
    });
    const progress = setInterval(() => this.#emitProgress(), PROGRESS_MS);
    try {
      await this.#replay(streams);
      await this.#drain();
    } catch (error) {
      this.stop('error');
      throw error;
    } finally {
      clearInterval(progress);
      await Promise.allSettled(all.map((stream) => stream.close()));
      await sink.close().catch(() => undefined);
      const whole = this.#pacer.takeWhole();
      emit({
        event: 'stopped',
        at_ms: Date.now(),
        reason: this.#stopReason,
        ...this.#totals(),
        lateness_ms: whole.lateness,
        unacknowledged_ms: whole.unacknowledged,
        seconds: (Date.now() - startedAt) / 1_000,
      });
    }
  }

  #streams(epochMs: number): { past: PastStreams[]; present: ReplayStream[] } {
    const { from, to, speed, backfillMs, othersBackfillMs = 0, skipSpans } = this.#options;
    const { othersSkipSpans = skipSpans } = this.#options;
    const groups =
      backfillMs === 0 && othersBackfillMs === 0
        ? [{ from, to, pastMs: 0, skipSpans: [...skipSpans, ...othersSkipSpans] }]
        : [
            { from, to: from + 1, pastMs: backfillMs / speed, skipSpans },
            { from: from + 1, to, pastMs: othersBackfillMs / speed, skipSpans: othersSkipSpans },
          ];
    const maxGapMs = gridClock(speed).maxGapMs;
    const common = { ...this.#options, epochMs, maxGapMs, counts: this.#counts, skips: this.#skips };
    const made = groups.map(({ pastMs, ...group }) => ({
      pastMs,
      streams: replayStreams({ ...common, ...group, skipSpans: mergeSpans(group.skipSpans) }),
    }));
    // What has a past has streams of its own: its intervals reach back over the beginning of live.
    return {
      past: made.filter(({ pastMs }) => pastMs > 0),
      present: made.filter(({ pastMs }) => pastMs === 0).flatMap(({ streams }) => streams),
    };
  }

  #appliances(): number {
    const { houses, from, to } = this.#options;
    return (to - from) * houses.reduce((sum, { house }) => sum + house.channels.length, 0);
  }

  async #replay({ past, present }: { past: PastStreams[]; present: ReplayStream[] }): Promise<void> {
    const { unpaced, forMs, emit, sink } = this.#options;
    const now = Date.now();
    for (const { pastMs, streams } of past) {
      await forEachBounded(streams, OPENING_AT_ONCE, (stream) => stream.open(now - pastMs));
    }
    this.#pacer.add(past.flatMap(({ streams }) => streams.flatMap(({ cohorts }) => cohorts)));
    await forEachBounded(present, OPENING_AT_ONCE, (stream) => stream.open(now));
    const liveFromMs = await this.#catchUp(present);
    if (this.#stop.signal.aborted) {
      return;
    }
    const readings = sink.counts.acknowledged;
    const offsets = await sink.endOffsets();
    emit({
      event: 'backfilled',
      at_ms: Date.now(),
      live_from_ms: liveFromMs,
      offsets: Object.fromEntries([...offsets].map(([partition, offset]) => [String(partition), Number(offset)])),
      readings,
    });
    this.#pacer.add(present.flatMap(({ cohorts }) => cohorts));
    if (unpaced) {
      this.#phase = 'unpaced';
      await this.#unpaced(unpaced.readings);
      return;
    }
    this.#phase = 'live';
    sink.startCountingLateness(liveFromMs);
    const cancelEnd = after(liveFromMs + (forMs ?? Infinity) - Date.now(), () => this.stop('duration'));
    try {
      await this.#pacer.live();
    } finally {
      cancelEnd();
    }
  }

  /**
   * Replays the past up to the instant at which live begins, and waits until all of it is acknowledged.
   *
   * @returns that instant: a whole second that still lies ahead, if brokers and readers aren't too slow for that.
   */
  async #catchUp(present: readonly ReplayStream[]): Promise<number> {
    const { signal } = this.#stop;
    while (this.#pacer.due < Date.now() && !signal.aborted) {
      await this.#pacer.sendBefore(Math.min(this.#pacer.due + BACKFILL_STEP_MS, Date.now()));
    }
    for (;;) {
      const liveFromMs = Math.ceil((Date.now() + LIVE_AHEAD_MS) / 1_000) * 1_000;
      await this.#pacer.sendBefore(liveFromMs);
      await forEachBounded(present, OPENING_AT_ONCE, (stream) => stream.discardBefore(liveFromMs));
      await this.#pacer.acknowledged();
      if (Date.now() < liveFromMs || signal.aborted) {
        return liveFromMs;
      }
    }
  }

  async #unpaced(readings: number): Promise<void> {
    let sent = 0;
    while (sent < readings && !this.#stop.signal.aborted) {
      sent += await this.#pacer.sendBefore(this.#pacer.due + BACKFILL_STEP_MS, readings - sent);
    }
    this.stop('readings');
  }

  async #drain(): Promise<void> {
    const { sink, drainMs } = this.#options;
    this.#phase = 'draining';
    let cancel = (): void => undefined;
    const timeout = new Promise<never>((_, reject) => {
      cancel = after(drainMs, () => {
        reject(new SinkError(`${sink.pending} readings were not acknowledged within ${drainMs / 1_000} s of stopping`));
      });
    });
    try {
      await Promise.race([sink.drain(), timeout]);
    } finally {
      cancel();
    }
  }

  #totals(): Omit<StoppedEvent, 'event' | 'at_ms' | 'reason' | 'seconds' | 'lateness_ms' | 'unacknowledged_ms'> {
    const { sent, acknowledged, failed, late } = this.#options.sink.counts;
    return {
      sent,
      acknowledged,
      failed,
      late,
      rejected: Object.fromEntries(this.#counts.rejected),
      skipped: { ...this.#skips },
      missing: this.#counts.missing,
      late_ms_max: this.#pacer.lateMsMax,
    };
  }

  #emitProgress(): void {
    const now = Date.now();
    const { acknowledged } = this.#options.sink.counts;
    const seconds = Math.max(1, now - this.#progressAt) / 1_000;
    const lateMs = this.#pacer.takeLateMs();
    this.#options.emit({
      event: 'progress',
      at_ms: now,
      phase: this.#phase,
      ...this.#totals(),
      readings_per_s: Math.round((acknowledged - this.#acknowledgedBefore) / seconds),
      pending: this.#options.sink.pending,
      late_ms: lateMs,
      lateness_ms: this.#pacer.takeLateness(),
      unacknowledged_ms: this.#pacer.takeUnacknowledged(),
    });
    this.#acknowledgedBefore = acknowledged;
    this.#progressAt = now;
  }
}
