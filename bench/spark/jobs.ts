/** The two jobs that are compared: ours, as EMR runs it, and one as the seed's was. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { thresholds } from '../../src/core/appliances/registry.ts';
import { gridClock, WATERMARK_MS } from '../../src/core/clock/grid-clock.ts';
import { MAX_MESSAGE_POWER_W } from '../../src/core/limits.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import type { Bench } from '../harness/bench-case.ts';
import { CHECKPOINT, type SparkJob } from './spark-run.ts';

const ROOT = repositoryPath();
const SCHEMAS = join(ROOT, 'src', 'core', 'messages');

/** The seed's: windows of 25 s that start every 5 s. */
export const CLOCK = gridClock(24);

/** What collects the garbage of EMR's executors: emr-bootstrap/step.sh. On one machine the driver is the executor. */
export const COLLECTOR = { 'spark.driver.defaultJavaOptions': '-XX:+UseParallelGC' };

/** What Java 17 chooses by itself where there are two cores and 2 GB. */
export const G1 = { 'spark.driver.defaultJavaOptions': '-XX:+UseG1GC' };

export interface Input {
  readonly brokers: string;
  readonly topic: string;
  readonly outputTopic: string;
  /** The most messages of a batch. Default: no limit. */
  readonly batch?: number | undefined;
  /** Java heap, MB. */
  readonly heapMb: number;
  /** Settings of Spark's beside its defaults. Default: none. */
  readonly conf?: Readonly<Record<string, string>>;
}

/** Reads the whole topic once. */
export async function ourJob(bench: Bench, input: Input): Promise<SparkJob> {
  const thresholdsFile = join(bench.directory, 'thresholds.json');
  await writeFile(thresholdsFile, JSON.stringify(thresholds()));
  return {
    program: join(ROOT, 'emr-bootstrap', 'duty_cycle.py'),
    heapMb: input.heapMb,
    conf: { ...COLLECTOR, ...input.conf },
    args: [
      ...['--brokers', input.brokers, '--topic', input.topic, '--output-topic', input.outputTopic],
      ...['--dead-letter-topic', input.outputTopic, '--group', `bench-${String(Date.now())}`],
      ...['--checkpoint', CHECKPOINT, '--thresholds', thresholdsFile, '--schemas', SCHEMAS],
      ...['--window-ms', String(CLOCK.windowMs), '--slide-ms', String(CLOCK.slideMs)],
      // Made-up readings may stand for longer than the seed's.
      ...['--max-gap-ms', '30000', '--watermark-ms', String(WATERMARK_MS), '--trigger', 'once'],
      ...['--max-power-w', String(MAX_MESSAGE_POWER_W)],
      ...(input.batch === undefined ? [] : ['--max-offsets-per-trigger', String(input.batch)]),
    ],
  };
}

/** Sums are held in RocksDB between batches; by default in the heap. */
export const ROCKSDB = {
  'spark.sql.streaming.stateStore.providerClass':
    'org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider',
  // Deltas instead of whole snapshots with every batch.
  'spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled': 'true',
};

/** @param messages reads until as many are read, then ends. */
export function seedJob(input: Input, messages: number): SparkJob {
  return {
    program: join(ROOT, 'bench', 'peers', 'seed_duty_cycle.py'),
    heapMb: input.heapMb,
    ...(input.conf && { conf: input.conf }),
    args: [
      ...['--brokers', input.brokers, '--topic', input.topic, '--output-topic', input.outputTopic],
      ...['--checkpoint', CHECKPOINT, '--schema', join(SCHEMAS, 'powerraw.avsc'), '--messages', String(messages)],
      ...(input.batch === undefined ? [] : ['--max-offsets-per-trigger', String(input.batch)]),
    ],
  };
}
