/**
 * One house's readings on the wall clock, looped forever, in time order, as a chain of batches that many readers go
 * along, each at its own pace.
 *
 * Playbacks whose shift into the loop is the same share one chain: their readings are the same up to an offset, ids and a
 * factor. That bounds open files and parsing by the days of the data, not by the playbacks. Memory is that of the
 * batches between the first reader and the last one, and of one that is read ahead.
 */
import type { House, ReadingBatch, RowCounts } from '../datasets/data-set/data-set.ts';
import type { LoopClock } from './loop-clock.ts';
import { nominalReadings } from './nominal-readings.ts';

export interface HouseReadingsOptions {
  readonly house: House;
  readonly clock: LoopClock;
  readonly counts: RowCounts;
  /** How many readers go along the chain: a batch's memory is used again when so many have left it. */
  readonly readers: number;
}

/** Readings as columns, in memory of the chain's own: a data set's reader may reuse what it hands out. */
export class WallBatch {
  length = 0;
  /** Index into the house's `channels`. */
  channel = new Uint16Array(0);
  /** Wall-clock ms. */
  timestamp = new Float64Array(0);
  /** W. */
  power = new Float32Array(0);
  /** What follows, once it is there. */
  next: WallBatch | undefined;
  /** Readers that have not left it. */
  readers = 0;

  /** Takes over the readings measured before `before`. */
  fill(batch: ReadingBatch, clock: LoopClock, round: number, before: number): void {
    if (this.channel.length < batch.length) {
      this.channel = new Uint16Array(batch.length);
      this.timestamp = new Float64Array(batch.length);
      this.power = new Float32Array(batch.length);
    }
    let length = 0;
    for (; length < batch.length; length += 1) {
      const measured = batch.timestamp[length] ?? NaN;
      if (!(measured < before)) {
        break;
      }
      this.timestamp[length] = clock.wallAt(clock.placeOf(measured, round));
    }
    this.channel.set(batch.channel.subarray(0, length));
    this.power.set(batch.power.subarray(0, length));
    this.length = length;
    this.next = undefined;
  }
}

/** A house's data hold no reading in the whole loop. */
export class EmptyLoopError extends Error {
  override readonly name = 'EmptyLoopError';
}

export class HouseReadings {
  readonly #options: HouseReadingsOptions;
  readonly #free: WallBatch[] = [];
  #batches: AsyncGenerator<WallBatch, void> | undefined;
  #ahead: Promise<IteratorResult<WallBatch, void>> | undefined;
  #newest: WallBatch | undefined;
  #growing: Promise<void> | undefined;

  constructor(options: HouseReadingsOptions) {
    this.#options = options;
  }

  /**
   * Starts the chain at or shortly before `fromWallMs`.
   *
   * @returns its first batch, where all readers begin.
   * @throws EmptyLoopError when the loop holds no reading; whatever the data set's reader throws.
   */
  async open(fromWallMs: number): Promise<WallBatch> {
    this.#batches = this.#read(fromWallMs);
    this.#ahead = this.#fetch();
    await this.#grow();
    const first = this.#newest;
    if (!first) {
      throw new EmptyLoopError(`house ${this.#options.house.id} was closed while it was opened`);
    }
    return first;
  }

  /**
   * Continues after a batch, which the reader leaves with this call.
   *
   * @returns the batch after it; undefined when the chain is closed.
   */
  async after(batch: WallBatch): Promise<WallBatch | undefined> {
    if (!batch.next) {
      this.#growing ??= this.#grow().finally(() => (this.#growing = undefined));
      await this.#growing;
    }
    const { next } = batch;
    if (!next) {
      return undefined;
    }
    batch.readers -= 1;
    if (batch.readers === 0) {
      this.#free.push(batch);
    }
    return next;
  }

  /** Closes the files. */
  async close(): Promise<void> {
    const batches = this.#batches;
    this.#batches = undefined;
    // A generator returns only after the batch that it is at; an error on the way no longer matters.
    await this.#ahead?.catch(() => undefined);
    this.#ahead = undefined;
    await batches?.return();
  }

  /** Adds the batch that was asked for when the one before it was added. */
  async #grow(): Promise<void> {
    const next = await this.#ahead;
    if (!next || next.done === true) {
      return;
    }
    const batch = next.value;
    batch.readers = this.#options.readers;
    if (this.#newest) {
      this.#newest.next = batch;
    }
    this.#newest = batch;
    this.#ahead = this.#fetch();
  }

  #fetch(): Promise<IteratorResult<WallBatch, void>> | undefined {
    const ahead = this.#batches?.next();
    // The caller that awaits it sees the error; until then it must not count as unhandled.
    ahead?.catch(() => undefined);
    return ahead;
  }

  async *#read(fromWallMs: number): AsyncGenerator<WallBatch, void> {
    const { house, clock, counts } = this.#options;
    let filled = 0;
    // One wall-clock ms earlier, since timestamps are rounded; what is too early is passed over on opening.
    const from = clock.placeAt(fromWallMs - 1);
    for (let round = clock.roundOf(from); ; round += 1) {
      const place = Math.max(from, round * clock.lengthMs);
      const end = clock.measuredAt((round + 1) * clock.lengthMs, round);
      const before = filled;
      for await (const batch of nominalReadings(house, clock.changes, clock.measuredAt(place, round), counts)) {
        const taken = this.#free.pop() ?? new WallBatch();
        taken.fill(batch, clock, round, end);
        const isCut = taken.length < batch.length;
        if (taken.length > 0) {
          filled += 1;
          yield taken;
        } else {
          this.#free.push(taken);
        }
        if (isCut) {
          break;
        }
      }
      if (filled === before && place === round * clock.lengthMs) {
        throw new EmptyLoopError(`house ${house.id} has no reading in the days that are to be replayed`);
      }
    }
  }
}
