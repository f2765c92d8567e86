/** The last instant of a stream of readings. */
import type { ReadingBatch } from './data-set.ts';

/** @returns the instant of the last reading, ms, or undefined without any. Reads to the end. */
export async function lastInstant(batches: AsyncIterable<ReadingBatch>): Promise<number | undefined> {
  let last: number | undefined;
  for await (const batch of batches) {
    last = batch.timestamp[batch.length - 1];
  }
  return last;
}
