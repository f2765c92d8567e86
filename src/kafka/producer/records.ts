/** Reads the records of a batch again: only for what happens rarely, since it costs more than writing them did. */
import type { RecordBatch } from './record-batch.ts';
import { readVarint } from './varint.ts';

export interface RecordSlice {
  /** ms */
  readonly timestamp: number;
  /** Its bytes after the deltas: key, value and headers. */
  readonly rest: Uint8Array;
}

/** The records of a batch in order. Their bytes are the batch's own memory. */
export function* recordsOf(batch: RecordBatch): Generator<RecordSlice, void> {
  const { records, baseTimestamp } = batch;
  let at = 0;
  while (at < records.length) {
    const body = readVarint(records, at);
    const end = body.end + Number(body.value);
    // After the length: a byte of attributes, then the two deltas.
    const timestampDelta = readVarint(records, body.end + 1);
    const offsetDelta = readVarint(records, timestampDelta.end);
    yield { timestamp: baseTimestamp + Number(timestampDelta.value), rest: records.subarray(offsetDelta.end, end) };
    at = end;
  }
}

/** How many records have a timestamp from `fromMs` on and before `beforeMs`. */
export function countBetween(batch: RecordBatch, fromMs: number, beforeMs: number): number {
  if (batch.minTimestamp >= beforeMs || batch.maxTimestamp < fromMs) {
    return 0;
  }
  let count = 0;
  for (const { timestamp } of recordsOf(batch)) {
    if (timestamp >= fromMs && timestamp < beforeMs) {
      count += 1;
    }
  }
  return count;
}

/** Moves the records of a batch into two that are empty, half of them each, in order. */
export function splitRecords(batch: RecordBatch, first: RecordBatch, second: RecordBatch): void {
  const half = batch.count >> 1;
  for (const { timestamp, rest } of recordsOf(batch)) {
    (first.count < half ? first : second).appendCopy(timestamp, rest);
  }
}
