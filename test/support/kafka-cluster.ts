import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import getPort from 'get-port';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import pRetry from 'p-retry';

import { kafkaProcess } from '../../engines/processes/kafka.ts';
import { type EngineHomes, setUp } from '../../engines/setup/set-up.ts';
import { HOST } from '../../engines/supervision/addresses.ts';
import { Supervisor } from '../../engines/supervision/supervisor.ts';
import { until } from '../../src/core/clock/until.ts';
import { withAdmin } from '../../src/kafka/admin.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';

const NODES = [1, 2, 3] as const;

/** Three real brokers, each behind a proxy that its clients connect to. */
export interface KafkaCluster {
  /** Through the proxies: what is tested. */
  readonly brokers: string;
  /** Past the proxies: what checks. */
  readonly straight: string;
  readonly proxies: readonly FaultyProxy[];
  readonly homes: EngineHomes;
  /** Creates a topic with three replicas, two of which must have a message before it counts as written. */
  createTopic: (topic: string, partitions: number, config?: Readonly<Record<string, string>>) => Promise<void>;
  /** The node that leads a partition. */
  leaderOf: (topic: string, partition: number) => Promise<number>;
  /** Resolves when every partition of the topic has all of its replicas in sync. */
  inSync: (topic: string) => Promise<void>;
  /** To a node; one that dies is started again. */
  signal: (node: number, signal: NodeJS.Signals) => void;
  stop: () => Promise<void>;
}

/** @param random from 0 to 1, for what the proxies do. */
export async function startKafkaCluster(random: () => number): Promise<KafkaCluster> {
  const homes = await setUp(() => undefined);
  const directory = await mkdtemp(join(tmpdir(), 'igrid-kafka-cluster-'));
  const logs = join(directory, 'logs');
  await mkdir(logs, { recursive: true });
  const nodes = await Promise.all(
    NODES.map(async (id) => ({
      id,
      outer: await getPort(),
      client: await getPort(),
      inner: await getPort(),
      controller: await getPort(),
    })),
  );
  const voters = nodes.map(({ id, controller }) => `${id}@${HOST}:${controller}`).join(',');
  const supervisor = new Supervisor(logs, join(directory, 'processes.json'));
  const proxies: FaultyProxy[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await supervisor.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (const { outer, client } of nodes) {
      proxies.push(await startFaultyProxy(outer, client, random));
    }
    await supervisor.start(
      nodes.map(({ id, outer, client, inner, controller }) => ({
        ...kafkaProcess({
          java: homes.tools.java,
          jars: homes.kafkaJars,
          directory: join(directory, `node-${id}`),
          port: client,
          controllerPort: controller,
          heapMb: 160,
          settings: {
            'node.id': id,
            'controller.quorum.voters': voters,
            listeners: `CLIENT://${HOST}:${client},INNER://${HOST}:${inner},CONTROLLER://${HOST}:${controller}`,
            'advertised.listeners': `CLIENT://${HOST}:${outer},INNER://${HOST}:${inner}`,
            'listener.security.protocol.map': 'CLIENT:PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT',
            'inter.broker.listener.name': 'INNER',
            'offsets.topic.replication.factor': 3,
            'offsets.topic.num.partitions': 1,
            'min.insync.replicas': 2,
            // A broker that says nothing is taken for dead after 3 s, not 9: tests wait for that.
            'broker.session.timeout.ms': 3_000,
            'broker.heartbeat.interval.ms': 500,
            'replica.lag.time.max.ms': 5_000,
            'num.network.threads': 2,
            'num.io.threads': 2,
            'log.cleaner.enable': false,
          },
        }),
        name: `kafka-${id}`,
        stopTimeoutMs: 5_000,
      })),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const straight = nodes.map(({ inner }) => `${HOST}:${inner}`).join(',');
  const kafka = new Kafka({
    clientId: 'test-admin',
    brokers: straight.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 20 },
  });
  // kafkajs fails at once, whatever its retries, when an answer names a controller that it doesn't list among the
  // brokers: with KRaft any broker may be named, one that has only just registered too.
  const asAdmin = <Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> =>
    pRetry(() => withAdmin(kafka, work), { retries: 10, minTimeout: 300, factor: 1 });
  const partitionsOf = (topic: string) =>
    asAdmin(async (admin) => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions ?? []);
  const inSync = async (topic: string): Promise<void> => {
    await until(
      async () => {
        const partitions = await partitionsOf(topic).catch(() => []);
        return partitions.length > 0 && partitions.every(({ isr }) => isr.length === NODES.length);
      },
      { intervalMs: 300, timeoutMs: 60_000 },
    );
  };
  return {
    brokers: nodes.map(({ outer }) => `${HOST}:${outer}`).join(','),
    straight,
    proxies,
    homes,
    createTopic: async (topic, partitions, config = {}) => {
      await asAdmin((admin) =>
        admin.createTopics({
          // kafkajs asks but once, and any broker: one that has not heard of the topic yet would do.
          waitForLeaders: false,
          topics: [
            {
              topic,
              numPartitions: partitions,
              replicationFactor: NODES.length,
              configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
            },
          ],
        }),
      );
      await inSync(topic);
    },
    leaderOf: async (topic, partition) => {
      const found = (await partitionsOf(topic)).find(({ partitionId }) => partitionId === partition);
      if (!found) {
        throw new Error(`no partition ${partition} of topic ${topic}`);
      }
      return found.leader;
    },
    inSync,
    signal: (node, signal) => supervisor.signal(`kafka-${node}`, signal),
    stop,
  };
}
