import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { KafkaJsSink, type KafkaJsSinkOptions } from '../../../../src/kafka/producer/kafkajs-sink.ts';
import { SinkError } from '../../../../src/kafka/producer/record-sink.ts';
import { startKafka, type TestKafka } from '../../../support/kafka.ts';
import { createTopic, readTopic, type TopicRecord } from '../../replay/topic.ts';

const HOUSES = 12;
const APPLIANCES_PER_HOUSE = 3;
const PARTITIONS = 6;
/**
 * Now, not long ago: a restarted broker forgets producers whose newest record is older than `producer.id.expiration.ms`,
 * a day by default, and then takes a repeated batch for a new one.
 */
const START_MS = Date.now();

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await startKafka();
}, 360_000);
afterAll(async () => {
  await kafka.stop();
}, 60_000);

async function openSink(topic: string, options: Partial<KafkaJsSinkOptions> = {}): Promise<KafkaJsSink> {
  const sink = new KafkaJsSink({
    kafka: { brokers: [kafka.brokers], auth: 'none', clientId: 'test' },
    topic,
    connectTimeoutMs: 30_000,
    log: () => undefined,
    ...options,
  });
  await sink.open();
  return sink;
}

/** Writes instants 0, 1, 2 ... for every appliance until told to stop; the sender's limit on what is under way is ours. */
async function writeUntil(sink: KafkaJsSink, isOver: () => boolean): Promise<number> {
  const appliances: number[] = [];
  for (let house = 0; house < HOUSES; house += 1) {
    for (let channel = 1; channel <= APPLIANCES_PER_HOUSE; channel += 1) {
      const houseId = `1_0_${house}`;
      appliances.push(sink.appliance({ houseId, applianceId: `${houseId}_${channel}`, applianceName: 'kettle' }));
    }
  }
  let instant = 0;
  for (; !isOver(); instant += 1) {
    for (const appliance of appliances) {
      sink.write(appliance, START_MS + instant, instant % 1_000, 1);
    }
    sink.flush();
    while (sink.pending > 10_000) {
      await sink.acknowledgement();
    }
    if (instant % 20 === 0) {
      await sleep(1);
    }
  }
  return instant;
}

function byAppliance(records: readonly TopicRecord[]): Map<string, TopicRecord[]> {
  const appliances = new Map<string, TopicRecord[]>();
  for (const record of records) {
    const known = appliances.get(record.appliance_id);
    if (known) {
      known.push(record);
    } else {
      appliances.set(record.appliance_id, [record]);
    }
  }
  return appliances;
}

/** The topic holds instants 0 to `instants` - 1 of every appliance, each once and in order. */
async function expectEachOnceInOrder(topic: string, instants: number): Promise<void> {
  const records = await readTopic(kafka.brokers, topic);
  expect(records).toHaveLength(instants * HOUSES * APPLIANCES_PER_HOUSE);
  const appliances = byAppliance(records);
  expect(appliances.size).toBe(HOUSES * APPLIANCES_PER_HOUSE);
  for (const [appliance, found] of appliances) {
    const wrong = found.findIndex(({ timestamp }, index) => timestamp !== START_MS + index);
    expect({ appliance, wrong, partitions: new Set(found.map(({ partition }) => partition)).size }).toEqual({
      appliance,
      wrong: -1,
      partitions: 1,
    });
  }
}

describe('the kafkajs sink on a real broker', () => {
  test('writes key, value and record timestamp as the contract says, gzip or not', async () => {
    for (const compression of ['none', 'gzip'] as const) {
      const topic = `records-${compression}`;
      await createTopic(kafka.brokers, topic, PARTITIONS);
      const sink = await openSink(topic, { compression });
      const kettle = sink.appliance({ houseId: '2_7_0', applianceId: '2_7_0_3', applianceName: 'kettle' });
      sink.write(kettle, 1_700_000_000_000, 1_999.5, 0);
      sink.write(kettle, 1_700_000_000_042, 0, 42);
      await sink.drain();
      expect(sink.counts).toEqual({ sent: 2, acknowledged: 2, failed: 0, late: 0 });
      const offsets = await sink.endOffsets();
      await sink.close();
      const records = await readTopic(kafka.brokers, topic);
      const partition = records[0]?.partition ?? -1;
      const same = { key: '2_7_0', house_id: '2_7_0', appliance_id: '2_7_0_3', appliance_name: 'kettle', partition };
      expect(records).toEqual([
        {
          ...same,
          offset: 0,
          timestamp: 1_700_000_000_000,
          recordTimestamp: 1_700_000_000_000,
          power: 1_999.5,
          interval_ms: 0,
        },
        {
          ...same,
          offset: 1,
          timestamp: 1_700_000_000_042,
          recordTimestamp: 1_700_000_000_042,
          power: 0,
          interval_ms: 42,
        },
      ]);
      expect(offsets).toEqual(new Map(Array.from({ length: PARTITIONS }, (_, id) => [id, id === partition ? 2n : 0n])));
    }
  }, 60_000);

  test('neither loses nor doubles a reading when the broker is killed again and again', async () => {
    const topic = 'killed';
    await createTopic(kafka.brokers, topic, PARTITIONS);
    const sink = await openSink(topic);
    let over = false;
    const kills = (async () => {
      for (let kill = 0; kill < 3; kill += 1) {
        const before = sink.counts.acknowledged;
        // Only once it takes readings again does another kill hit batches under way.
        while (sink.counts.acknowledged < before + 5_000) {
          await sleep(20);
        }
        kafka.kill();
      }
      over = true;
    })();
    const instants = await writeUntil(sink, () => over);
    await kills;
    await sink.drain();
    expect(sink.counts).toMatchObject({ sent: instants * HOUSES * APPLIANCES_PER_HOUSE, failed: 0 });
    expect(sink.counts.acknowledged).toBe(sink.counts.sent);
    await sink.close();
    await expectEachOnceInOrder(topic, instants);
  }, 480_000);

  test('neither loses nor doubles a reading when the broker hangs for longer than a request may take', async () => {
    const topic = 'hung';
    await createTopic(kafka.brokers, topic, PARTITIONS);
    const sink = await openSink(topic);
    let over = false;
    const hang = (async () => {
      while (sink.counts.acknowledged < 5_000) {
        await sleep(20);
      }
      kafka.signal('SIGSTOP');
      await sleep(40_000);
      kafka.signal('SIGCONT');
      const before = sink.counts.acknowledged;
      while (sink.counts.acknowledged < before + 5_000) {
        await sleep(20);
      }
      over = true;
    })();
    const instants = await writeUntil(sink, () => over);
    await hang;
    await sink.drain();
    await sink.close();
    await expectEachOnceInOrder(topic, instants);
  }, 480_000);

  test('takes new producer ids before sequence numbers run out, without a gap', async () => {
    const topic = 'renewed';
    await createTopic(kafka.brokers, topic, PARTITIONS);
    const sink = await openSink(topic, { maxSequence: 1_000 });
    const instants = await writeUntil(sink, () => sink.counts.sent >= 40_000);
    await sink.drain();
    await sink.close();
    await expectEachOnceInOrder(topic, instants);
  }, 60_000);

  test('cuts batches that are too large for the topic into smaller ones', async () => {
    const topic = 'small';
    await createTopic(kafka.brokers, topic, 1, { 'max.message.bytes': '2000' });
    const sink = await openSink(topic);
    const instants = await writeUntil(sink, () => sink.counts.sent >= 5_000);
    await sink.drain();
    await sink.close();
    await expectEachOnceInOrder(topic, instants);
  }, 60_000);

  test('says that the topic is missing', async () => {
    await expect(openSink('nowhere')).rejects.toThrow(
      new SinkError(`topic nowhere does not exist at ${kafka.brokers}: create it first`),
    );
  }, 30_000);
});
