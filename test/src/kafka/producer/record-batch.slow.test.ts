import { createRequire } from 'node:module';

import { describe, expect, test } from '@jest/globals';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';

import { powerraw } from '../../../../src/core/messages/messages.ts';
import { RecordBatch } from '../../../../src/kafka/producer/record-batch.ts';
import { countBetween, recordsOf, splitRecords } from '../../../../src/kafka/producer/records.ts';
import { batchOf, type Reading, reading } from './readings.ts';

const require = createRequire(import.meta.url);

/** kafkajs' own reader of record batches: made for its consumer, it shares no code with what is tested. */
interface KafkaJsRecord {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly timestamp: string;
  readonly offset: string;
  readonly headers: object;
}
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<{
  records: KafkaJsRecord[];
  producerId: string;
  producerEpoch: number;
  firstSequence: number;
  maxTimestamp: string;
}>;

const PRODUCER = { id: 4_711n, epoch: 7 };

const KETTLE: Reading = {
  appliance: { houseId: '1_0_3', applianceId: '1_0_3_7', applianceName: 'kettle' },
  timestamp: 1_700_000_000_000,
  power: 1_999.5,
  intervalMs: 42,
};

describe('a record batch', () => {
  test('is, byte for byte, what the format says', () => {
    const batch = batchOf([KETTLE, { ...KETTLE, timestamp: KETTLE.timestamp - 1, power: -0.25, intervalMs: 0 }]);
    const bytes = Buffer.from(batch.seal(PRODUCER, 2 ** 31 - 1));
    const text = (value: string): string => Buffer.from([2 * value.length, ...Buffer.from(value)]).toString('hex');
    const texts = text('1_0_3') + text('kettle') + text('1_0_3_7');
    // Avro: the varint of 1,700,000,000,000 zigzagged, and of one less; floats with the little end first.
    const values = [`${texts}80a0abfef96200f0f94454`, `${texts}fe9fabfef962000080be00`];
    const records = [
      // length, attributes, timestamp delta, offset delta, key, value's length, value, headers
      `${(2 * (1 + 1 + 1 + 6 + 1 + 32 + 1)).toString(16)}000000${text('1_0_3')}40${values[0] ?? ''}00`,
      `${(2 * (1 + 1 + 1 + 6 + 1 + 32 + 1)).toString(16)}000102${text('1_0_3')}40${values[1] ?? ''}00`,
    ].join('');
    const afterCrc =
      '0000' + // attributes
      '00000001' + // lastOffsetDelta
      '0000018bcfe56800' + // baseTimestamp
      '0000018bcfe56800' + // maxTimestamp
      '0000000000001267' + // producerId
      '0007' + // producerEpoch
      '7fffffff' + // baseSequence
      '00000002' + // records
      records;
    const crc = crc32c(Buffer.from(afterCrc, 'hex')).toString(16).padStart(8, '0');
    const length = (4 + 1 + 4 + afterCrc.length / 2).toString(16).padStart(8, '0');
    expect(bytes.toString('hex')).toBe(`0000000000000000${length}ffffffff02${crc}${afterCrc}`);
  });

  test('has the checksum of the polynomial that Kafka uses', () => {
    // The check value of CRC-32C (Castagnoli), from RFC 3720's B.4 and every catalogue of CRCs.
    expect(crc32c('123456789')).toBe(0xe3069283);
  });

  test('gives back through kafkajs and avsc what went in, whatever that was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { minLength: 1, maxLength: 40 }), async (readings) => {
        const batch = batchOf(readings);
        const decoded = await decodeBatch(new Decoder(Buffer.from(batch.seal(PRODUCER, 12))));
        expect(decoded).toMatchObject({
          producerId: '4711',
          producerEpoch: 7,
          firstSequence: 12,
          maxTimestamp: String(Math.max(...readings.map(({ timestamp }) => timestamp))),
        });
        expect(decoded.records.map(asReading)).toEqual(
          readings.map((it) => ({ ...it, recordTimestamp: it.timestamp })),
        );
        expect(decoded.records.map(({ offset }) => offset)).toEqual(readings.map((_, index) => String(index)));
      }),
      { numRuns: 300 },
    );
  });

  test('has its checksum over everything from the attributes on, in new memory and in old', () => {
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 5 }), fc.nat(2 ** 31 - 1), (readings, sequence) => {
        const batch = batchOf(readings);
        batch.seal({ id: 1n, epoch: 1 }, 1);
        const bytes = Buffer.from(batch.seal(PRODUCER, sequence));
        expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)));
        expect(bytes.readInt32BE(8)).toBe(bytes.length - 12);
        expect(bytes.readInt32BE(53)).toBe(sequence);
      }),
      { numRuns: 50 },
    );
  });

  test('takes nothing that would pass its limit, and is then as it was', () => {
    const batch = batchOf([KETTLE]);
    const { length } = batch;
    expect(() => batchOf([KETTLE, KETTLE], length + 20)).toThrow('the batch is full');
  });

  test('splits into halves that hold the same records in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { minLength: 2, maxLength: 30 }), async (readings) => {
        const halves = [0, 1].map(() => new RecordBatch(new Uint8Array(1 << 20)));
        const [first, second] = halves;
        if (!first || !second) {
          throw new Error('no halves');
        }
        splitRecords(batchOf(readings), first, second);
        expect([first.count, second.count]).toEqual([readings.length >> 1, readings.length - (readings.length >> 1)]);
        const found: Reading[] = [];
        for (const half of halves) {
          const { records } = await decodeBatch(new Decoder(Buffer.from(half.seal(PRODUCER, 0))));
          found.push(...records.map(asReading));
        }
        expect(found).toEqual(readings.map((it) => ({ ...it, recordTimestamp: it.timestamp })));
      }),
      { numRuns: 100 },
    );
  });

  test('is read again by timestamp', () => {
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 20 }), reading, reading, (readings, one, other) => {
        const batch = batchOf(readings);
        expect([...recordsOf(batch)].map(({ timestamp }) => timestamp)).toEqual(readings.map((it) => it.timestamp));
        const [from, before] = [one.timestamp, other.timestamp];
        const between = readings.filter(({ timestamp }) => timestamp >= from && timestamp < before);
        expect(countBetween(batch, from, before)).toBe(between.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a reading', () => {
  test('is refused when its power is no finite float', () => {
    for (const power of [NaN, Infinity, -Infinity, 3.5e38]) {
      expect(() => batchOf([{ ...KETTLE, power }])).toThrow(`power ${power} W is not finite as a float of 32 bits`);
    }
  });

  test('is refused when its timestamp or interval is no value of its Avro type', () => {
    for (const timestamp of [0.5, NaN, 2 ** 52, -(2 ** 52)]) {
      expect(() => batchOf([{ ...KETTLE, timestamp }])).toThrow(`timestamp ${timestamp} is no whole number`);
    }
    for (const intervalMs of [0.5, NaN, 2 ** 31, -(2 ** 31)]) {
      expect(() => batchOf([{ ...KETTLE, intervalMs }])).toThrow(`interval ${intervalMs} is no whole number`);
    }
  });
});

function asReading({ key, value, timestamp }: KafkaJsRecord): Reading & { recordTimestamp: number } {
  const message = powerraw.decode(value);
  expect(key.toString()).toBe(message.house_id);
  return {
    appliance: {
      houseId: message.house_id,
      applianceId: message.appliance_id,
      applianceName: message.appliance_name,
    },
    timestamp: message.timestamp,
    power: message.power,
    intervalMs: message.interval_ms,
    recordTimestamp: Number(timestamp),
  };
}
