/** Readings for tests of the record path, and record batches made of them. */
import fc from 'fast-check';

import { ApplianceTemplates } from '../../../../src/kafka/producer/appliance-templates.ts';
import { ReadingTail } from '../../../../src/kafka/producer/reading-tail.ts';
import { RecordBatch } from '../../../../src/kafka/producer/record-batch.ts';
import type { Appliance } from '../../../../src/kafka/producer/record-sink.ts';

export interface Reading {
  readonly appliance: Appliance;
  /** ms */
  readonly timestamp: number;
  /** W, a float of 32 bits. */
  readonly power: number;
  /** ms */
  readonly intervalMs: number;
}

/** Any text that UTF-8 can hold: empty, long, of any script. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', minLength: 60, maxLength: 140 }).map((it) => Buffer.from(it).toString()),
  },
);

const int = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });

/** All that the contract allows, near the edges of its types more often than not. */
export const reading: fc.Arbitrary<Reading> = fc.record({
  appliance: fc.record({ houseId: text, applianceId: text, applianceName: text }),
  timestamp: fc.oneof(
    fc.integer({ min: 1_300_000_000_000, max: 1_900_000_000_000 }),
    fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }),
    fc.constantFrom(0, -1, 1, 2 ** 31, -(2 ** 31), 2 ** 52 - 1, -(2 ** 52) + 1),
  ),
  power: fc.float({ noNaN: true, noDefaultInfinity: true }),
  intervalMs: fc.oneof(fc.integer({ min: 0, max: 30_000 }), int),
});

/** A batch that holds the readings, in memory that was used before. */
export function batchOf(readings: readonly Reading[], memoryBytes = 1 << 20): RecordBatch {
  const templates = new ApplianceTemplates();
  const tail = new ReadingTail();
  const batch = new RecordBatch(new Uint8Array(memoryBytes).fill(0xa5));
  for (const { appliance, timestamp, power, intervalMs } of readings) {
    const place = templates.placeOf(templates.add(appliance, 0));
    tail.setTime(timestamp, intervalMs);
    tail.setPower(power);
    if (!batch.append(templates.blockOf(place), templates.offsetOf(place), tail, memoryBytes)) {
      throw new Error('the batch is full');
    }
  }
  return batch;
}
