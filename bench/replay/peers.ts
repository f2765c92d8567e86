/** The ways to put readings into a topic that are compared, each as a process of its own that reports its rate. */
import { join } from 'node:path';
import { z } from 'zod';

import { parseReplayEvent, type ReplayEvent } from '../../src/replay/events.ts';
import { timed } from '../frame/cpu-time.ts';

const ROOT = join(import.meta.dirname, '..', '..');

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

/** Our replay, unpaced, from the sample data's files. */
export async function runReplay({ brokers, topic, readings }: PeerTarget): Promise<TimedRate> {
  const { stdout, cpuSeconds } = await timed(
    process.execPath,
    [
      ...['--import', 'tsx', join(ROOT, 'src/replay/replay.main.ts'), '--brokers', brokers, '--topic', topic],
      ...['--from', '0', '--to', '50', '--unpaced', '--readings', String(readings), '--log', 'json'],
    ],
    { cwd: ROOT },
  );
  const events = stdout.trim().split('\n').map(parseReplayEvent);
  const of = (kind: ReplayEvent['event']): ReplayEvent | undefined => events.find(({ event }) => event === kind);
  const stopped = of('stopped');
  if (stopped?.event !== 'stopped') throw new Error('the replay did not report its end');
  const seconds = (stopped.at_ms - (of('backfilled')?.at_ms ?? NaN)) / 1_000;
  return { perSecond: stopped.acknowledged / seconds, cpuSeconds };
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
  if (!(rate > 0)) throw new Error(`ProducerPerformance did not report a rate: ${stdout.slice(-300)}`);
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
