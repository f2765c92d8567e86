/**
 * One house's readings on the wall clock, looped for ever, in time order and a batch of memory at a time.
 *
 * Playbacks whose shift into the loop is the same share one stream: their readings fall due at the same instants and
 * differ in ids and a factor only. That bounds open files and parsing by the days of the data, not by the playbacks.
 */
import type { House, ReadingBatch, RowCounts } from '../datasets/data-set.ts';
import { SpanCursor, type Span } from './spans.ts';
import type { LoopClock } from './loop-clock.ts';

/** Readings left out by the replay itself, by reason. */
export interface Skips {
  /** Would have given an appliance a second reading for one wall-clock ms. */
  same_instant: number;
  /** Lie in a span that has its readings from an earlier run. */
  backfilled_before: number;
}

export interface HouseStreamOptions {
  readonly house: House;
  readonly clock: LoopClock;
  /** The longest time a reading may stand for, wall-clock ms. */
  readonly maxGapMs: number;
  /** Spans that get no readings, in order. */
  readonly skipSpans: readonly Span[];
  readonly counts: RowCounts;
  readonly skips: Skips;
}

/** @param intervalMs how long the reading stands for, backwards from its timestamp, wall-clock ms. */
export type VisitReading = (channel: number, timestamp: number, power: number, intervalMs: number) => void;

/** A batch on the wall clock, in memory of the stream's own: a data set's reader may reuse what it hands out. */
class WallBatch {
  length = 0;
  channel = new Uint16Array(0);
  timestamp = new Float64Array(0);
  power = new Float32Array(0);

  fill(batch: ReadingBatch, wallAt: (measuredMs: number) => number, before: number): void {
    if (this.channel.length < batch.length) {
      this.channel = new Uint16Array(batch.length);
      this.timestamp = new Float64Array(batch.length);
      this.power = new Float32Array(batch.length);
    }
    let length = 0;
    for (; length < batch.length; length += 1) {
      const measured = batch.timestamp[length] ?? NaN;
      if (!(measured < before)) break;
      this.timestamp[length] = wallAt(measured);
    }
    this.channel.set(batch.channel.subarray(0, length));
    this.power.set(batch.power.subarray(0, length));
    this.length = length;
  }
}

/** A house's data hold no reading in the whole loop. */
export class EmptyLoopError extends Error {
  override readonly name = 'EmptyLoopError';
}

export class HouseStream {
  /** When the next reading falls due, wall-clock ms; Infinity before {@link open} and after {@link close}. */
  due = Infinity;

  readonly #options: HouseStreamOptions;
  readonly #skipSpans: SpanCursor;
  /** Per channel the timestamp of its last reading, -Infinity before its first. */
  readonly #last: Float64Array;
  #batches: AsyncGenerator<WallBatch, void> | undefined;
  #batch: WallBatch | undefined;
  #ahead: Promise<IteratorResult<WallBatch, void>> | undefined;
  #index = 0;

  constructor(options: HouseStreamOptions) {
    this.#options = options;
    this.#skipSpans = new SpanCursor(options.skipSpans);
    this.#last = new Float64Array(options.house.channels.length).fill(-Infinity);
  }

  /**
   * Starts with the first reading at or after `fromWallMs`.
   *
   * @throws EmptyLoopError when the loop holds no reading; whatever the data set's reader throws.
   */
  async open(fromWallMs: number): Promise<void> {
    this.#batches = this.#read(fromWallMs);
    this.#ahead = this.#fetch();
    await this.refill();
    await this.discardBefore(fromWallMs);
  }

  /** Passes over readings before `wallMs` as if they had never been; returns when `due` is at or after it. */
  async discardBefore(wallMs: number): Promise<void> {
    while (this.due < wallMs) {
      const batch = this.#batch;
      if (!batch) return;
      while (this.#index < batch.length && (batch.timestamp[this.#index] ?? Infinity) < wallMs) this.#index += 1;
      this.#settle();
      if (this.exhausted) await this.refill();
    }
  }

  /** Whether {@link refill} is needed before {@link take} can give more. */
  get exhausted(): boolean {
    return this.#batch === undefined || this.#index >= this.#batch.length;
  }

  /** Waits for the next batch, which was asked for when this one began. */
  async refill(): Promise<void> {
    if (!this.#ahead) return;
    const next = await this.#ahead;
    if (next.done === true) return;
    // The generator fills the other of its two buffers while this one is read.
    this.#ahead = this.#fetch();
    this.#batch = next.value;
    this.#index = 0;
    this.#settle();
  }

  /**
   * Hands out readings that fall due before `untilWallMs`, at most `limit`, as far as memory holds them: when the
   * stream is exhausted afterwards, {@link refill} and take again.
   *
   * @returns how many were visited.
   */
  take(untilWallMs: number, limit: number, visit: VisitReading): number {
    const batch = this.#batch;
    if (!batch) return 0;
    const { maxGapMs, skips } = this.#options;
    let taken = 0;
    let index = this.#index;
    for (; index < batch.length && taken < limit; index += 1) {
      const timestamp = batch.timestamp[index] ?? Infinity;
      if (timestamp >= untilWallMs) break;
      const channel = batch.channel[index] ?? 0;
      if (this.#skipSpans.covers(timestamp)) {
        skips.backfilled_before += 1;
        continue;
      }
      // Time inside a skipped span already belongs to the readings that are there.
      const last = this.#last[channel] ?? -Infinity;
      const since = last > -Infinity ? Math.max(last, this.#skipSpans.lastEndMs) : last;
      if (timestamp <= last) {
        skips.same_instant += 1;
        continue;
      }
      this.#last[channel] = timestamp;
      visit(channel, timestamp, batch.power[index] ?? 0, since > -Infinity ? Math.min(timestamp - since, maxGapMs) : 0);
      taken += 1;
    }
    this.#index = index;
    this.#settle();
    return taken;
  }

  /** Closes the files. */
  async close(): Promise<void> {
    const batches = this.#batches;
    this.#batches = undefined;
    this.#batch = undefined;
    this.due = Infinity;
    // A generator returns only after the batch that it is at; an error on the way no longer matters.
    await this.#ahead?.catch(() => undefined);
    this.#ahead = undefined;
    await batches?.return();
  }

  #settle(): void {
    const batch = this.#batch;
    if (!batch) return;
    // Exhausted: whatever comes next is not before the last one, which keeps the stream in its place among the others.
    this.due = batch.timestamp[Math.min(this.#index, batch.length - 1)] ?? Infinity;
  }

  #fetch(): Promise<IteratorResult<WallBatch, void>> | undefined {
    const ahead = this.#batches?.next();
    // Whoever awaits it sees the error; until then it must not count as unhandled.
    ahead?.catch(() => undefined);
    return ahead;
  }

  async *#read(fromWallMs: number): AsyncGenerator<WallBatch, void> {
    const { house, clock, counts } = this.#options;
    const buffers = [new WallBatch(), new WallBatch()] as const;
    let filled = 0;
    // One wall-clock ms earlier, since timestamps are rounded; what is too early is passed over on opening.
    const from = clock.placeAt(fromWallMs - 1);
    for (let round = clock.roundOf(from); ; round += 1) {
      const place = Math.max(from, round * clock.lengthMs);
      const end = clock.measuredAt((round + 1) * clock.lengthMs, round);
      const before = filled;
      for await (const batch of house.readings({ fromMs: clock.measuredAt(place, round), counts })) {
        const buffer = buffers[filled % 2 === 0 ? 0 : 1];
        buffer.fill(batch, (measured) => clock.wallAt(clock.placeOf(measured, round)), end);
        if (buffer.length > 0) {
          filled += 1;
          yield buffer;
        }
        if (buffer.length < batch.length) break;
      }
      if (filled === before && place === round * clock.lengthMs) {
        throw new EmptyLoopError(`house ${house.id} has no reading in the days that are to be replayed`);
      }
    }
  }
}
