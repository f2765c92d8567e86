/** The ways to put readings into a topic that are compared, each as a process of its own that reports its rate. */
import { join } from 'node:path';

import { z } from 'zod';

import { repositoryPath } from '../../src/files/repository.ts';
import type { BenchKafka } from '../engines/kafka.ts';
import type { Bench, Contender } from '../harness/bench-case.ts';
import { timed } from '../harness/cpu-time.ts';

const ROOT = repositoryPath();

/** What a run gave. */
export interface TimedRate {
  /** Acknowledged readings per second, from the first one sent on. */
  readonly perSecond: number;
  /** CPU of the whole process, its start included, s. */
  readonly cpuSeconds: number;
}

export interface PeerTarget {
  /** host:port */
  readonly brokers: string;
  readonly topic: string;
  readonly readings: number;
}

/**
 * kafka-tools' own reference, at settings that suit it: large batches, records of 70 bytes without a key.
 *
 * @param perSecond records a second at most. Default: as many as it can.
 */
export async function runProducerPerformance(
  java: string,
  jars: string,
  target: PeerTarget,
  perSecond = -1,
): Promise<TimedRate> {
  const { stdout, cpuSeconds } = await timed(java, [
    ...['-Xmx512m', '-cp', join(jars, '*'), 'org.apache.kafka.tools.ProducerPerformance'],
    ...[
      '--topic',
      target.topic,
      '--num-records',
      String(target.readings),
      '--record-size',
      '70',
      '--throughput',
      String(perSecond),
    ],
    ...['--producer-props', `bootstrap.servers=${target.brokers}`, 'acks=all', 'linger.ms=10', 'batch.size=524288'],
  ]);
  const rates = [...stdout.matchAll(/ (?<rate>\d+(?:\.\d+)?) records\/sec/g)];
  const rate = Number(rates.at(-1)?.groups?.rate);
  if (!(rate > 0)) {
    throw new Error(`ProducerPerformance did not report a rate: ${stdout.slice(-300)}`);
  }
  return { perSecond: rate, cpuSeconds };
}

const seedReport = z.object({ acknowledged: z.int(), per_second: z.number() });

/** A producer written as the seed's was. */
export async function runSeedProducer(python: string, target: PeerTarget): Promise<TimedRate> {
  const { stdout, cpuSeconds } = await timed(python, [
    join(ROOT, 'bench', 'peers', 'seed_producer.py'),
    ...['--brokers', target.brokers, '--topic', target.topic, '--messages', String(target.readings)],
  ]);
  return { perSecond: seedReport.parse(JSON.parse(stdout)).per_second, cpuSeconds };
}

/** A contender that sends so many readings, less or more by the scale of the measurement, to a topic of the broker. */
export function sender(
  { scale }: Pick<Bench, 'scale'>,
  kafka: Pick<BenchKafka, 'brokers' | 'cpuSeconds'>,
  topic: string,
  name: string,
  amount: number,
  send: (target: PeerTarget) => Promise<TimedRate>,
): Contender {
  return {
    name,
    run: async () => {
      const readings = Math.ceil(amount * scale);
      const before = await kafka.cpuSeconds();
      const { perSecond, cpuSeconds } = await send({ brokers: kafka.brokers, topic, readings });
      const engine = (await kafka.cpuSeconds()) - before;
      return { rate: perSecond, count: readings, cpuSeconds: { client: cpuSeconds, engine } };
    },
  };
}
