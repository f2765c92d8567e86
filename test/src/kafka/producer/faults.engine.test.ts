/**
 * What the direct sink says is in Kafka is there once and in order, whatever happens to brokers and connections: three
 * brokers, three replicas, two of them in sync at least, and Kafka's own Java client to read what really is there.
 *
 * Each fault meets two sinks at once: one sends batches from their own memory, the other compresses them first.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import avsc from 'avsc';
import { z } from 'zod';

import { until } from '../../../../src/core/clock/until.ts';
import { randomFrom } from '../../../../src/core/random.ts';
import { repositoryPath } from '../../../../src/files/repository.ts';
import { DirectSink, type DirectSinkOptions } from '../../../../src/kafka/producer/direct-sink.ts';
import { consume } from '../../../support/console-consumer.ts';
import { type KafkaCluster, startKafkaCluster } from '../../../support/kafka-cluster.ts';

const HOUSES = 12;
const APPLIANCES_PER_HOUSE = 3;
const APPLIANCES = HOUSES * APPLIANCES_PER_HOUSE;
const PARTITIONS = 6;
/** Written in one go: some three full batches a partition. */
const BURST_INSTANTS = 50;
const BURST_PAUSE_MS = 60;
const START_MS = Date.now();

const schema = readFileSync(repositoryPath('src/core/messages/powerraw.avsc'), 'utf8');
const type = avsc.Type.forSchema(z.json().parse(JSON.parse(schema)) as avsc.Schema);
const message = z.object({
  house_id: z.string(),
  appliance_id: z.string(),
  appliance_name: z.literal('kettle'),
  timestamp: z.int(),
  power: z.number(),
  interval_ms: z.literal(1),
});

let cluster: KafkaCluster;
beforeAll(async () => {
  cluster = await startKafkaCluster(randomFrom(20_111_201));
}, 360_000);
afterAll(async () => {
  await cluster.stop();
}, 60_000);

/** A sink that is written to until it is told to stop. */
class Load {
  readonly topic: string;
  readonly sink: DirectSink;
  readonly complaints: string[] = [];
  #stopped = false;
  #instants = 0;
  #writing: Promise<void> | undefined;

  constructor(topic: string, options: Partial<DirectSinkOptions>) {
    this.topic = topic;
    this.sink = new DirectSink({
      kafka: { brokers: cluster.brokers.split(','), auth: 'none', clientId: topic },
      topic,
      connectTimeoutMs: 30_000,
      batchBytes: 16_384,
      requestTimeoutMs: 3_000,
      log: (level, text) => {
        if (level === 'error' || level === 'warn') {
          this.complaints.push(`${level}: ${text}`);
        }
      },
      ...options,
    });
  }

  async start(): Promise<void> {
    await cluster.createTopic(this.topic, PARTITIONS);
    await this.sink.open();
    this.#writing = this.#write();
    // The caller that awaits it sees the error.
    this.#writing.catch(() => undefined);
  }

  /** Resolves when as many more readings are acknowledged. */
  async progress(readings: number): Promise<void> {
    const { counts } = this.sink;
    const goal = counts.acknowledged + readings;
    await Promise.race([
      until(() => counts.acknowledged >= goal, { intervalMs: 20, timeoutMs: 60_000 }),
      this.#writing?.then(() => Promise.reject(new Error('it stopped'))),
    ]);
  }

  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#writing;
    await this.sink.drain();
    await this.sink.close();
  }

  /** The topic holds instants 0, 1, 2 ... of every appliance, each once and in order, and nothing else. */
  async expectEachOnceInOrder(): Promise<void> {
    const { sent } = this.sink.counts;
    expect(this.sink.counts).toEqual({ sent, acknowledged: sent, failed: 0, late: 0 });
    expect(sent).toBe(this.#instants * APPLIANCES);
    expect(this.complaints.filter((complaint) => complaint.startsWith('error: topic'))).toEqual([]);
    expect(this.sink.dataLosses).toBe(0);
    const next = new Map<string, { partition: number; instant: number }>();
    const offsets = new Map<number, number>();
    const wrong: string[] = [];
    await consume(cluster.homes, cluster.straight, this.topic, sent, ({ partition, offset, timestamp, key, value }) => {
      if (offset !== (offsets.get(partition) ?? 0)) {
        wrong.push(`partition ${partition} continues at offset ${offset}`);
      }
      offsets.set(partition, offset + 1);
      const reading = message.parse(type.fromBuffer(value));
      const expected = next.get(reading.appliance_id) ?? { partition, instant: 0 };
      const instant = reading.timestamp - START_MS;
      const isRight =
        partition === expected.partition &&
        instant === expected.instant &&
        timestamp === reading.timestamp &&
        key.toString() === reading.house_id &&
        reading.power === instant % 1_000;
      if (!isRight) {
        wrong.push(`${reading.appliance_id}: instant ${instant}, not ${expected.instant}, at ${offset}`);
      }
      next.set(reading.appliance_id, { partition: expected.partition, instant: instant + 1 });
    });
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(next.size).toBe(APPLIANCES);
  }

  async #write(): Promise<void> {
    const { sink } = this;
    const group = { first: new Uint32Array(HOUSES), factor: new Float64Array(HOUSES).fill(1) };
    for (let house = 0; house < HOUSES; house += 1) {
      const houseId = `1_0_${house}`;
      for (let channel = 0; channel < APPLIANCES_PER_HOUSE; channel += 1) {
        const number = sink.appliance({ houseId, applianceId: `${houseId}_${channel}`, applianceName: 'kettle' });
        if (channel === 0) {
          group.first[house] = number;
        }
      }
    }
    while (!this.#stopped) {
      for (let burst = 0; burst < BURST_INSTANTS; burst += 1) {
        const instant = this.#instants++;
        for (let channel = 0; channel < APPLIANCES_PER_HOUSE; channel += 1) {
          sink.writeGroup(group, channel, START_MS + instant, instant % 1_000, 1);
        }
      }
      sink.flush();
      await sleep(BURST_PAUSE_MS);
      while (sink.pending > 20_000) {
        await sink.acknowledgement();
      }
    }
  }
}

/** Applies a fault while both sinks write, and checks what is in Kafka afterwards. */
async function survive(name: string, fault: (loads: readonly Load[]) => Promise<void>): Promise<readonly Load[]> {
  const loads = (['none', 'lz4'] as const).map((compression) => new Load(`${name}-${compression}`, { compression }));
  try {
    for (const load of loads) {
      await load.start();
    }
    for (const load of loads) {
      await load.progress(10_000);
    }
    await fault(loads);
    for (const load of loads) {
      await load.progress(10_000);
    }
    for (const load of loads) {
      await load.finish();
    }
  } finally {
    for (const load of loads) {
      await load.sink.close();
    }
  }
  for (const load of loads) {
    await load.expectEachOnceInOrder();
    // A fault that no batch met would prove nothing.
    expect(load.complaints.filter((complaint) => complaint.startsWith('warn: topic'))).not.toHaveLength(0);
  }
  return loads;
}

describe('every acknowledged reading is in Kafka exactly once and in order', () => {
  test('when the leader of a partition is killed in the middle of a batch', async () => {
    await survive('killed', async (loads) => {
      for (let kill = 0; kill < 2; kill += 1) {
        cluster.signal(await cluster.leaderOf('killed-lz4', 0), 'SIGKILL');
        for (const load of loads) {
          await load.progress(20_000);
        }
        await cluster.inSync('killed-lz4');
      }
    });
  }, 180_000);

  test('when a broker hangs for longer than an answer may take, and then continues', async () => {
    await survive('hung', async (loads) => {
      const hung = await cluster.leaderOf('hung-lz4', 0);
      cluster.signal(hung, 'SIGSTOP');
      await sleep(8_000);
      cluster.signal(hung, 'SIGCONT');
      for (const load of loads) {
        await load.progress(20_000);
      }
      await cluster.inSync('hung-lz4');
    });
  }, 180_000);

  test('when every broker is restarted in turn', async () => {
    await survive('rolled', async (loads) => {
      for (const node of [1, 2, 3]) {
        cluster.signal(node, 'SIGTERM');
        // It has to be missed before it can be back.
        await sleep(4_000);
        await cluster.inSync('rolled-lz4');
        for (const load of loads) {
          await load.progress(5_000);
        }
      }
    });
  }, 240_000);

  test('when connections are cut at random bytes', async () => {
    const before = cutsSoFar();
    await survive('cut', async (loads) => {
      for (const proxy of cluster.proxies) {
        proxy.cutWithin(300_000);
      }
      await sleep(10_000);
      for (const proxy of cluster.proxies) {
        proxy.cutWithin(undefined);
      }
      for (const load of loads) {
        await load.progress(10_000);
      }
    });
    expect(cutsSoFar() - before).toBeGreaterThan(20);
  }, 120_000);

  test('when answers are lost after the broker has done what it was asked', async () => {
    await survive('lost', async (loads) => {
      for (let round = 0; round < 12; round += 1) {
        for (const proxy of cluster.proxies) {
          proxy.loseAnswers(round % 2 === 0 ? 50 : 500);
        }
        await sleep(800);
      }
      for (const load of loads) {
        await load.progress(10_000);
      }
    });
  }, 120_000);
});

function cutsSoFar(): number {
  return cluster.proxies.reduce((sum, { cuts }) => sum + cuts, 0);
}
