/** A house whose readings are given, with the reader's freedom to reuse its arrays made use of. */
import type { House, ReadingBatch, RowCounts } from '../../../src/datasets/data-set/data-set.ts';

export interface GivenReading {
  /** ms since the epoch. */
  readonly at: number;
  /** Index of the channel. */
  readonly channel: number;
  /** W. */
  readonly power: number;
}

/** @param batchSize readings a batch; every batch lies in the same arrays. */
export function memoryHouse(
  id: string,
  labels: readonly string[],
  given: readonly GivenReading[],
  batchSize = 3,
): House {
  const readings = [...given].sort((a, b) => a.at - b.at);
  return {
    id,
    channels: labels.map((label, index) => ({ id: String(index + 1), label })),
    surveyed: { rows: readings.length, readings: readings.length, missing: 0, rejected: new Map() },
    extent: () => Promise.resolve({ firstMs: readings[0]?.at ?? 0, lastMs: readings.at(-1)?.at ?? 0, days: [] }),
    async *readings({ fromMs = -Infinity, counts }: { fromMs?: number; counts?: RowCounts } = {}) {
      const channel = new Uint16Array(batchSize);
      const timestamp = new Float64Array(batchSize);
      const power = new Float32Array(batchSize);
      const rest = readings.filter(({ at }) => at >= fromMs);
      for (let start = 0; start < rest.length; start += batchSize) {
        const batch = rest.slice(start, start + batchSize);
        await Promise.resolve();
        channel.fill(65_535);
        timestamp.fill(NaN);
        power.fill(NaN);
        batch.forEach((reading, index) => {
          channel[index] = reading.channel;
          timestamp[index] = reading.at;
          power[index] = reading.power;
        });
        if (counts) {
          counts.rows += batch.length;
          counts.readings += batch.length;
        }
        yield { length: batch.length, channel, timestamp, power } satisfies ReadingBatch;
      }
    },
  };
}
