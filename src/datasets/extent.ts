/** First and last instants of streams of readings. */
import type { ReadingBatch } from './data-set.ts';

/** @returns the instant of the first reading, ms, or undefined without any. Stops reading there. */
export async function firstInstant(batches: AsyncIterable<ReadingBatch>): Promise<number | undefined> {
  for await (const batch of batches) return batch.timestamp[0];
  return undefined;
}

/** @returns the instant of the last reading, ms, or undefined without any. Reads to the end. */
export async function lastInstant(batches: AsyncIterable<ReadingBatch>): Promise<number | undefined> {
  let last: number | undefined;
  for await (const batch of batches) last = batch.timestamp[batch.length - 1];
  return last;
}
