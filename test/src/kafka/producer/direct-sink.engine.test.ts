import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import fc from 'fast-check';

import { type EngineHomes, setUp } from '../../../../engines/setup/set-up.ts';
import { powerraw } from '../../../../src/core/messages/messages.ts';
import type { CodecName } from '../../../../src/kafka/producer/compression.ts';
import { DirectSink, type DirectSinkOptions } from '../../../../src/kafka/producer/direct-sink.ts';
import { KafkaJsSink } from '../../../../src/kafka/producer/kafkajs-sink.ts';
import { type RecordSink, SinkError } from '../../../../src/kafka/producer/record-sink.ts';
import { consume, type ConsumedRecord } from '../../../support/console-consumer.ts';
import { startKafka, type TestKafka } from '../../../support/kafka.ts';
import { createTopic } from '../../replay/topic.ts';
import { type Reading, reading } from './readings.ts';

const PARTITIONS = 6;

let kafka: TestKafka;
let homes: EngineHomes;
beforeAll(async () => {
  homes = await setUp(() => undefined);
  kafka = await startKafka();
}, 360_000);
afterAll(async () => {
  await kafka.stop();
}, 60_000);

function optionsFor(topic: string): Pick<DirectSinkOptions, 'kafka' | 'topic' | 'connectTimeoutMs' | 'log'> {
  const settings = { brokers: [kafka.brokers], auth: 'none', clientId: topic } as const;
  return { kafka: settings, topic, connectTimeoutMs: 30_000, log: () => undefined };
}

async function write(sink: RecordSink, readings: readonly Reading[]): Promise<void> {
  await sink.open();
  for (const { appliance, timestamp, power, intervalMs } of readings) {
    sink.write(sink.appliance(appliance), timestamp, power, intervalMs);
  }
  await sink.drain();
  expect(sink.counts).toEqual({ sent: readings.length, acknowledged: readings.length, failed: 0, late: 0 });
  await sink.close();
}

/** What Kafka's own Java client reads, by partition and offset. */
async function read(topic: string, records: number): Promise<ConsumedRecord[]> {
  const found: ConsumedRecord[] = [];
  await consume(homes, kafka.brokers, topic, records, (record) => found.push(record));
  return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

/** Instants 0, 1, 2 ... of one appliance. */
function instants(count: number): Reading[] {
  const appliance = { houseId: '1_0_1', applianceId: '1_0_1_1', applianceName: 'kettle' };
  return Array.from({ length: count }, (_, instant) => ({
    appliance,
    timestamp: 1_700_000_000_000 + instant,
    power: instant % 1_000,
    intervalMs: 1,
  }));
}

async function expectInstants(topic: string, count: number): Promise<void> {
  const found = await read(topic, count);
  const timestamps = found.map(({ value }) => powerraw.decode(value).timestamp - 1_700_000_000_000);
  expect(timestamps).toEqual(Array.from({ length: count }, (_, instant) => instant));
}

describe('the direct sink on a real broker', () => {
  test("writes, with any codec, what the kafkajs sink writes, as Kafka's own client reads it", async () => {
    const readings = fc.sample(reading, { numRuns: 500, seed: 7 });
    await createTopic(kafka.brokers, 'reference', PARTITIONS);
    await write(new KafkaJsSink(optionsFor('reference')), readings);
    const reference = await read('reference', readings.length);
    expect(new Set(reference.map(({ partition }) => partition)).size).toBe(PARTITIONS);
    const codecs: CodecName[] = ['none', 'gzip', 'lz4', 'zstd'];
    for (const compression of codecs) {
      const topic = `direct-${compression}`;
      await createTopic(kafka.brokers, topic, PARTITIONS);
      await write(new DirectSink({ ...optionsFor(topic), compression }), readings);
      expect(await read(topic, readings.length)).toEqual(reference);
    }
  }, 120_000);

  test("gives Kafka's own client back what went in, whatever that was", async () => {
    const readings = fc.sample(reading, { numRuns: 3_000, seed: 42 });
    expect(Math.min(...readings.map(({ timestamp }) => timestamp))).toBeLessThan(-1e15);
    await createTopic(kafka.brokers, 'random', 1);
    await write(new DirectSink({ ...optionsFor('random'), batchBytes: 65_536 }), readings);
    const found = await read('random', readings.length);
    expect(
      found.map(({ key, timestamp, value }) => {
        const message = powerraw.decode(value);
        return { key: key.toString(), timestamp, message };
      }),
    ).toEqual(
      readings.map(({ appliance, timestamp, power, intervalMs }) => ({
        key: appliance.houseId,
        timestamp,
        message: {
          house_id: appliance.houseId,
          appliance_name: appliance.applianceName,
          appliance_id: appliance.applianceId,
          timestamp,
          power,
          interval_ms: intervalMs,
        },
      })),
    );
  }, 60_000);

  test('lets sequence numbers wrap without a gap', async () => {
    await createTopic(kafka.brokers, 'wrapped', 1);
    const sink = new DirectSink({ ...optionsFor('wrapped'), firstSequence: 2 ** 31 - 2_500, batchBytes: 65_536 });
    await write(sink, instants(5_000));
    expect(sink.dataLosses).toBe(0);
    await expectInstants('wrapped', 5_000);
  }, 60_000);

  test('cuts batches that are too large for the topic into smaller ones', async () => {
    await createTopic(kafka.brokers, 'small', 1, { 'max.message.bytes': '2000' });
    await write(new DirectSink(optionsFor('small')), instants(5_000));
    await expectInstants('small', 5_000);
  }, 60_000);

  test('holds back when the broker asks it to', async () => {
    const quota = ['--alter', '--add-config', 'producer_byte_rate=200000'];
    await execa(homes.tools.java, [
      ...['-cp', join(homes.kafkaJars, '*'), 'kafka.admin.ConfigCommand', '--bootstrap-server', kafka.brokers],
      ...[...quota, '--entity-type', 'clients', '--entity-name', 'throttled'],
    ]);
    await createTopic(kafka.brokers, 'throttled', 1);
    const started = Date.now();
    // Some 4 MB; the quota lets 200 KB/s through, and a burst of ten times as much.
    await write(new DirectSink({ ...optionsFor('throttled'), requestTimeoutMs: 5_000 }), instants(60_000));
    expect(Date.now() - started).toBeGreaterThan(4_000);
    await expectInstants('throttled', 60_000);
  }, 120_000);

  test('counts as late, exactly, what is acknowledged long after its timestamp', async () => {
    await createTopic(kafka.brokers, 'late', 1);
    const sink = new DirectSink(optionsFor('late'));
    await sink.open();
    const now = Date.now();
    const appliance = sink.appliance({ houseId: '1_0_1', applianceId: '1_0_1_1', applianceName: 'kettle' });
    sink.startCountingLateness(now - 60_000);
    for (const age of [90_000, 59_000, 30_000, -60_000]) {
      sink.write(appliance, now - age, 1, 1);
    }
    await sink.drain();
    expect(sink.counts).toEqual({ sent: 4, acknowledged: 4, failed: 0, late: 2 });
    expect(await sink.endOffsets()).toEqual(new Map([[0, 4n]]));
    await sink.close();
  }, 60_000);

  test('says that the topic is missing', async () => {
    await expect(new DirectSink(optionsFor('nowhere')).open()).rejects.toThrow(
      new SinkError(`topic nowhere does not exist at ${kafka.brokers}: create it first`),
    );
  }, 30_000);
});
