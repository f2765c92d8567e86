import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { GridClock } from '../../src/core/clock/grid-clock.ts';
import { WATERMARK_MS } from '../../src/core/clock/grid-clock.ts';
import { MAX_MESSAGE_POWER_W } from '../../src/core/limits.ts';
import { shellWord } from '../../src/core/templates/template.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { pythonOf } from '../setup/python.ts';
import { HOST } from '../supervision/addresses.ts';
import type { EngineProcess } from '../supervision/engine.ts';

const ROOT = repositoryPath();
const JOB = join(ROOT, 'emr-bootstrap', 'duty_cycle.py');

const CHECKPOINT = 'checkpoint-';

/** Folder of a run's checkpoint. @param directory as in {@link SparkConfig}. @param run tells it from other runs. */
export const checkpointOf = (directory: string, run: number): string => join(directory, `${CHECKPOINT}${run}`);

/** The cores that the job may use: both of the smallest machine the grid is meant for. */
const CORES = 2;

/** What the streaming job on one machine is started with. */
export interface SparkConfig {
  readonly javaHome: string;
  /** Virtual environment with PySpark. */
  readonly environment: string;
  /** The Kafka and Avro connectors. */
  readonly jars: readonly string[];
  readonly brokers: string;
  /** Folder for the job's checkpoint and scratch files. */
  readonly directory: string;
  /** Folder of this run's checkpoint: the job resumes from it when it is restarted. */
  readonly checkpoint: string;
  /** File of on-thresholds, see src/core/appliances. */
  readonly thresholds: string;
  readonly clock: GridClock;
  /** Offsets of powerraw by partition; asked for when the job starts for the first time. */
  readonly startingOffsets: Readonly<Record<string, number>>;
  /** Java heap, MB. Default: 1,024. */
  readonly heapMb?: number;
  /** Java's compilers: the quick one alone starts soonest, the optimising one is faster after minutes. Default: quick. */
  readonly compiler?: 'quick' | 'optimising';
  /** Called with each of the job's events. */
  readonly onProgress: (progress: SparkProgress) => void;
}

/**
 * What the job prints after each batch; its dutycycle/report.py says more. A batch that is reported on again after a
 * restart has null for what was not measured, and `lag` is null while Kafka does not answer.
 */
const sparkProgress = z.object({
  event: z.literal('progress'),
  batch_id: z.int(),
  /** Readings of this batch that came too late for at least one of their windows. */
  late: z.int().nonnegative(),
  dead_letters: z.int().nonnegative(),
  /** Messages that Kafka deleted before they were read. */
  lost: z.int().nonnegative().nullish(),
  /** Records that are in the topic and not yet read. */
  lag: z.int().nonnegative().nullish(),
  rows_per_s: z.number().nullish(),
  /** Offsets of the next records to read, by partition. */
  end_offsets: z.record(z.string(), z.int()),
});
export type SparkProgress = z.infer<typeof sparkProgress>;

/** The job that EMR runs, on this machine's cores. */
export function sparkProcess(config: SparkConfig): EngineProcess {
  let isStreaming = false;
  const scratch = join(config.directory, 'scratch');
  return {
    name: 'spark',
    after: ['kafka'],
    command: pythonOf(config.environment),
    args: [
      JOB,
      ...['--brokers', config.brokers],
      ...['--checkpoint', config.checkpoint],
      ...['--thresholds', config.thresholds],
      ...['--schemas', join(ROOT, 'src', 'core', 'messages')],
      ...['--window-ms', String(config.clock.windowMs), '--slide-ms', String(config.clock.slideMs)],
      ...['--max-gap-ms', String(config.clock.maxGapMs), '--watermark-ms', String(WATERMARK_MS)],
      ...['--max-power-w', String(MAX_MESSAGE_POWER_W)],
      ...['--starting-offsets', JSON.stringify(config.startingOffsets)],
    ],
    env: {
      JAVA_HOME: config.javaHome,
      PYSPARK_PYTHON: pythonOf(config.environment),
      // Spark's own settings; the variable is split like a shell would.
      PYSPARK_SUBMIT_ARGS: [
        ...['--master', `local[${CORES}]`],
        ...['--driver-memory', `${config.heapMb ?? 1_024}m`],
        '--driver-java-options',
        `-XX:+UseSerialGC${config.compiler === 'optimising' ? '' : ' -XX:TieredStopAtLevel=1'}`,
        ...['--jars', config.jars.join(',')],
        ...['--conf', 'spark.ui.enabled=false'],
        // Else it listens on every address of the machine.
        ...['--conf', `spark.driver.host=${HOST}`, '--conf', `spark.driver.bindAddress=${HOST}`],
        ...['--conf', `spark.local.dir=${scratch}`],
        'pyspark-shell',
      ]
        .map((word) => shellWord(word))
        .join(' '),
    },
    prepare: async () => {
      isStreaming = false;
      await mkdir(scratch, { recursive: true });
      // Those of earlier runs: each run has its own.
      for (const name of await readdir(config.directory)) {
        const folder = join(config.directory, name);
        if (name.startsWith(CHECKPOINT) && folder !== config.checkpoint) {
          await rm(folder, { recursive: true });
        }
      }
    },
    isHealthy: () => Promise.resolve(isStreaming),
    onLine: (line) => {
      const progress = parseProgress(line);
      if (!progress) {
        return;
      }
      isStreaming = true;
      config.onProgress(progress);
    },
    // A batch under way may finish.
    stopTimeoutMs: 40_000,
  };
}

/** @throws z.ZodError or SyntaxError when a line that claims to be progress is none. */
export function parseProgress(line: string): SparkProgress | undefined {
  if (!line.startsWith('{"event": "progress"') && !line.startsWith('{"event":"progress"')) {
    return undefined;
  }
  return sparkProgress.parse(JSON.parse(line));
}
