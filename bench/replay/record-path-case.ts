/** The way into Kafka alone: no data sets, no pacing, the same made-up readings for every sink. */
import { join } from 'node:path';

import { z } from 'zod';

import { repositoryPath } from '../../src/files/repository.ts';
import { PARTITIONS, startKafka } from '../engines/kafka.ts';
import type { BenchCase } from '../harness/bench-case.ts';
import { timed } from '../harness/cpu-time.ts';
import { type PeerTarget, runProducerPerformance, runSeedProducer, sender, type TimedRate } from './peers.ts';
import { TRANSIENT_TOPIC } from './transient-topic.ts';

const ROOT = repositoryPath();
const TOPIC = 'record-path';

/** Enough for some seconds of each: what starts a process must not count for much. */
const READINGS = { ours: 6_000_000, kafkajs: 500_000, producerPerformance: 4_000_000, seed: 100_000 };

const report = z.object({ acknowledged: z.int(), per_second: z.number() });

async function write({ brokers, topic, readings }: PeerTarget, args: readonly string[]): Promise<TimedRate> {
  const { stdout, cpuSeconds } = await timed(
    process.execPath,
    [
      ...['--import', 'tsx', join(import.meta.dirname, 'write.main.ts'), '--brokers', brokers, '--topic', topic],
      ...['--readings', String(readings), ...args],
    ],
    { cwd: ROOT },
  );
  return { perSecond: report.parse(JSON.parse(stdout)).per_second, cpuSeconds };
}

export const recordPathCase: BenchCase = {
  name: 'record-path',
  title: `made-up readings acknowledged by one broker (acks=all, ${PARTITIONS} partitions), client and broker on one machine`,
  unit: 'readings/s',
  async open(bench) {
    const python = await bench.peersPython();
    const kafka = await startKafka(bench);
    await kafka.createTopics([TOPIC], PARTITIONS, TRANSIENT_TOPIC);
    const { tools, kafkaJars } = bench.homes;
    const contender = (name: string, amount: number, send: (target: PeerTarget) => Promise<TimedRate>) =>
      sender(bench, kafka, TOPIC, name, amount, send);
    const ours = (name: string, ...args: string[]) =>
      contender(name, READINGS.ours, (target) => write(target, ['--sink', 'direct', ...args]));
    return {
      ours: ours('direct'),
      peers: [
        ours('direct, lz4', '--compression', 'lz4'),
        contender('kafkajs', READINGS.kafkajs, (target) => write(target, ['--sink', 'kafkajs'])),
        contender('ProducerPerformance', READINGS.producerPerformance, (target) =>
          runProducerPerformance(tools.java, kafkaJars, target),
        ),
        contender('seed producer (Python)', READINGS.seed, (target) => runSeedProducer(python, target)),
      ],
      close: () => kafka.stop(),
    };
  },
};
