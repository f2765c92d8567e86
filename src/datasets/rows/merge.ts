/** Rows of a house's files, each in time order, as one stream of readings in time order. */
import type { ReadingBatch, RowCounts } from '../data-set/data-set.ts';
import type { RowFile } from './row-file.ts';
import { type FileCounts, reject } from './rows.ts';
import { SourceHeap } from './source-heap.ts';

/**
 * How many readings a batch holds, about: 14 bytes each. A replay of years of data has thousands of readers, each with a
 * few batches, so they are as small as they can be without costing time.
 */
const BATCH_READINGS = 2_048;

/** A file that takes part. It is opened when its turn comes, so that years of day files cost one or two open files. */
export interface MergeSource {
  /** Not after the instant of the file's first row, ms; -Infinity when unknown. */
  readonly notBeforeMs: number;
  /** Index of the channel that the first cell of a row belongs to; the next cell's is the next. */
  readonly firstChannel: number;
  /** Cells per row. */
  readonly width: number;
  /** Where its rejected rows are counted. */
  readonly counts: FileCounts;
  open(): Promise<RowFile>;
}

class Batch implements ReadingBatch {
  length = 0;
  readonly channel: Uint16Array;
  readonly timestamp: Float64Array;
  readonly power: Float32Array;

  constructor(capacity: number) {
    this.channel = new Uint16Array(capacity);
    this.timestamp = new Float64Array(capacity);
    this.power = new Float32Array(capacity);
  }

  add(channel: number, timestamp: number, power: number): void {
    this.channel[this.length] = channel;
    this.timestamp[this.length] = timestamp;
    this.power[this.length] = power;
    this.length += 1;
  }
}

/**
 * Merges by a heap over the files' next rows. The batch is one object, reused: see {@link ReadingBatch}.
 *
 * @param sources in the order in which rows of the same instant come out.
 * @param oneRowAtATime whether a second row of an instant is a duplicate whichever file it is from (GREEND, where a row
 *   is a whole building's), and an earlier one out of order.
 * @throws DataSetError naming the file that can't be read.
 */
export async function* mergeRows(
  sources: readonly MergeSource[],
  oneRowAtATime: boolean,
  counts: RowCounts,
): AsyncGenerator<ReadingBatch, void, undefined> {
  const heap = new SourceHeap(sources.map((source) => source.notBeforeMs));
  const files: (RowFile | undefined)[] = sources.map(() => undefined);
  const widest = Math.max(1, ...sources.map((source) => source.width));
  const batch = new Batch(BATCH_READINGS + widest);
  let last = -Infinity;
  try {
    while (heap.size > 0) {
      const number = heap.first;
      const source = sources[number];
      if (!source) {
        throw new RangeError(`no source ${number}`);
      }
      const opened = files[number];
      const file = opened ?? (await source.open());
      files[number] = file;
      const { window } = file;
      if (opened) {
        const { timestamp } = window;
        if (oneRowAtATime && timestamp <= last) {
          reject(source.counts, timestamp === last ? 'duplicate_timestamp' : 'out_of_order');
        } else {
          last = timestamp;
          const before = batch.length;
          for (let cell = 0; cell < source.width; cell += 1) {
            const power = window.cell(cell);
            // NaN: no value.
            if (power === power) {
              batch.add(source.firstChannel + cell, timestamp, power);
            }
          }
          counts.rows += 1;
          counts.readings += batch.length - before;
          counts.missing += window.missing;
        }
        window.advance();
      }
      if (window.hasRow || (await file.fill())) {
        heap.moveFirst(window.timestamp);
      } else {
        heap.removeFirst();
        files[number] = undefined;
        await file.close();
      }
      if (batch.length >= BATCH_READINGS) {
        yield batch;
        batch.length = 0;
      }
    }
    if (batch.length > 0) {
      yield batch;
    }
  } finally {
    for (const file of files) {
      await file?.close();
    }
  }
}
