import { join } from 'node:path';

import getPort from 'get-port';
import { Kafka, logLevel } from 'kafkajs';

import { kafkaProcess } from '../../engines/processes/kafka.ts';
import { HOST } from '../../engines/supervision/addresses.ts';
import { withAdmin } from '../../src/kafka/admin.ts';
import type { Bench } from '../harness/bench-case.ts';
import { type Engines, startEngines } from './engines.ts';

/** Partitions of a topic in production: src/core/messages' topics have as many by default. */
export const PARTITIONS = 6;

/** A broker for a case. */
export interface BenchKafka {
  /** host:port */
  readonly brokers: string;
  readonly engines: Engines;
  /** CPU time of the broker so far, s. */
  cpuSeconds(): Promise<number>;
  /** @param config of the topics, e.g. `retention.bytes`. */
  createTopics(
    topics: readonly string[],
    partitions?: number,
    config?: Readonly<Record<string, string>>,
  ): Promise<void>;
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** Messages that a topic has ever held, by its offsets. */
  messages(topic: string): Promise<number>;
  stop(): Promise<void>;
}

/**
 * A broker as the grid on one machine has it, but with the optimising compiler: a broker in production runs long enough
 * for it.
 */
export async function startKafka(bench: Bench, heapMb = 1_024): Promise<BenchKafka> {
  const directory = join(bench.directory, 'kafka');
  const port = await getPort();
  const engines = await startEngines(directory, [
    kafkaProcess({
      java: bench.homes.tools.java,
      jars: bench.homes.kafkaJars,
      directory,
      port,
      controllerPort: await getPort(),
      heapMb,
      compiler: 'optimising',
    }),
  ]);
  const brokers = `${HOST}:${port}`;
  const kafka = new Kafka({ clientId: 'bench', brokers: [brokers], logLevel: logLevel.NOTHING });
  return {
    brokers,
    engines,
    cpuSeconds: () => engines.cpuSeconds('kafka'),
    createTopics: async (topics, partitions = PARTITIONS, config = {}) => {
      await withAdmin(kafka, (admin) =>
        admin.createTopics({
          waitForLeaders: true,
          topics: topics.map((topic) => ({
            topic,
            numPartitions: partitions,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          })),
        }),
      );
    },
    deleteTopics: (topics) => withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [...topics] })),
    messages: async (topic) => {
      const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
      return offsets.reduce((sum, { high }) => sum + Number(high), 0);
    },
    stop: () => engines.stop(),
  };
}
