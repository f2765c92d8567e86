/**
 * A house's readings by what its clocks would have shown had they never been set forward or back: a local day has 24 h
 * then, and readings of an hour that came twice are merged into one.
 */
import type { House, ReadingBatch, RowCounts } from '../datasets/data-set/data-set.ts';
import type { ClockChange } from '../datasets/data-set/loop.ts';

const BATCH_READINGS = 2_048;

/** A stretch of measured time with one offset. */
interface Stretch {
  /** From when to before when it was measured, ms since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What is added to it. */
  readonly byMs: number;
}

/**
 * @param changes of the local clock, in order.
 * @param fromMs first nominal instant to hand out, ms.
 * @returns batches in nominal time order, each valid until the next one is asked for.
 */
export function nominalReadings(
  house: House,
  changes: readonly ClockChange[],
  fromMs: number,
  counts: RowCounts,
): AsyncIterable<ReadingBatch> {
  if (changes.length === 0) {
    return house.readings({ fromMs, counts });
  }
  const stretches = [{ atMs: -Infinity, byMs: 0 }, ...changes]
    .map(({ atMs, byMs }, index): Stretch => ({ fromMs: atMs, toMs: changes[index]?.atMs ?? Infinity, byMs }))
    .filter(({ toMs, byMs }) => toMs + byMs > fromMs);
  return merged(stretches.map((stretch) => new Source(house, stretch, fromMs, counts)));
}

/** The readings of one stretch, one after another. */
class Source {
  /** The next reading's nominal instant; before it is read, one that is not after it; Infinity at the end. */
  nextMs: number;
  channel = 0;
  power = 0;
  readonly #stretch: Stretch;
  readonly #open: () => AsyncIterable<ReadingBatch>;
  #batches: AsyncIterator<ReadingBatch> | undefined;
  #batch: ReadingBatch | undefined;
  #index = -1;

  constructor(house: House, stretch: Stretch, fromMs: number, counts: RowCounts) {
    const measuredFrom = Math.max(stretch.fromMs, fromMs - stretch.byMs);
    this.#stretch = stretch;
    this.nextMs = measuredFrom + stretch.byMs;
    this.#open = () => house.readings({ fromMs: measuredFrom, counts });
  }

  get isOpen(): boolean {
    return this.#batches !== undefined;
  }

  /** Goes on to the next reading of the batch. @returns false when another batch has to be asked for first. */
  advance(): boolean {
    const batch = this.#batch;
    this.#index += 1;
    if (!batch || this.#index >= batch.length) {
      return false;
    }
    const measured = batch.timestamp[this.#index] ?? NaN;
    this.nextMs = measured < this.#stretch.toMs ? measured + this.#stretch.byMs : Infinity;
    this.channel = batch.channel[this.#index] ?? 0;
    this.power = batch.power[this.#index] ?? NaN;
    return true;
  }

  /** Goes on to the next batch. */
  async refill(): Promise<void> {
    this.#batches ??= this.#open()[Symbol.asyncIterator]();
    const next = await this.#batches.next();
    this.#index = -1;
    this.#batch = next.done === true ? undefined : next.value;
    if (!this.#batch) {
      this.nextMs = Infinity;
    } else if (!this.advance()) {
      await this.refill();
    }
  }

  async close(): Promise<void> {
    await this.#batches?.return?.();
  }
}

async function* merged(sources: readonly Source[]): AsyncGenerator<ReadingBatch, void, undefined> {
  const channel = new Uint16Array(BATCH_READINGS);
  const timestamp = new Float64Array(BATCH_READINGS);
  const power = new Float32Array(BATCH_READINGS);
  let length = 0;
  try {
    for (;;) {
      const source = sources.reduce<Source | undefined>(
        (first, one) => (first && first.nextMs <= one.nextMs ? first : one),
        undefined,
      );
      if (!source || source.nextMs === Infinity) {
        break;
      }
      if (!source.isOpen) {
        await source.refill();
        continue;
      }
      channel[length] = source.channel;
      timestamp[length] = source.nextMs;
      power[length] = source.power;
      length += 1;
      if (!source.advance()) {
        await source.refill();
      }
      if (source.nextMs === Infinity) {
        await source.close();
      }
      if (length < BATCH_READINGS) {
        continue;
      }
      yield { length, channel, timestamp, power };
      length = 0;
    }
    if (length > 0) {
      yield { length, channel, timestamp, power };
    }
  } finally {
    for (const source of sources) {
      await source.close();
    }
  }
}
