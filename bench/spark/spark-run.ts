/** Runs a Spark job over a prefilled topic and measures it batch by batch. */
import { readdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

import { execa } from 'execa';
import { z } from 'zod';

import { folderSize } from '../../engines/disk/folder-size.ts';
import { pythonOf } from '../../engines/setup/python.ts';
import { HOST } from '../../engines/supervision/addresses.ts';
import type { Bench } from '../harness/bench-case.ts';
import { cpuSecondsOf } from '../harness/cpu-time.ts';
import { peakRssMb } from '../harness/memory.ts';

export interface SparkJob {
  /** Path of the Python program. */
  readonly program: string;
  /** Its arguments. `CHECKPOINT` stands for a folder that the run makes and removes. */
  readonly args: readonly string[];
  /** Spark's own settings. Default: none. */
  readonly conf?: Readonly<Record<string, string>>;
  /** Java heap, MB. */
  readonly heapMb: number;
}

export const CHECKPOINT = 'CHECKPOINT';

/** The cores that a job may use: what facts and goals are stated for. */
export const CORES = 2;

/** Both jobs print these of every batch. */
const batchLine = z.object({
  rows: z.int(),
  duration_ms: z.number(),
  state_rows: z.int(),
  state_bytes: z.int().default(0),
});

export interface Batch {
  readonly rows: number;
  readonly durationMs: number;
  /** Sums held in the state store after it. */
  readonly stateRows: number;
  /** Memory that they take, by Spark's estimate, bytes; 0 where the job does not tell. */
  readonly stateBytes: number;
  /** CPU time of the job up to its end, s. */
  readonly cpuSeconds: number;
  /** Checkpoint on disk after it, bytes. */
  readonly checkpointBytes: number;
}

export interface SparkRun {
  /** Batches that read something, in order. */
  readonly batches: readonly Batch[];
  /** The most that Python and the JVM had resident, MB. */
  readonly peakRssMb: number;
}

/** @throws Error with the end of what the job wrote to standard error when it fails. */
export async function runSpark(bench: Bench, job: SparkJob): Promise<SparkRun> {
  const { spark, sparkJars, tools } = bench.homes;
  const checkpoint = join(bench.directory, 'checkpoint');
  const jars = (await readdir(sparkJars)).filter((file) => file.endsWith('.jar')).map((file) => join(sparkJars, file));
  const conf = {
    'spark.ui.enabled': 'false',
    'spark.ui.showConsoleProgress': 'false',
    'spark.driver.host': HOST,
    'spark.driver.bindAddress': HOST,
    'spark.local.dir': join(bench.directory, 'scratch'),
    ...job.conf,
  };
  const submit = [
    ...['--master', `local[${CORES}]`, '--driver-memory', `${job.heapMb}m`, '--jars', jars.join(',')],
    ...Object.entries(conf).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
    'pyspark-shell',
  ];
  const child = execa(
    pythonOf(spark),
    [job.program, ...job.args.map((word) => (word === CHECKPOINT ? checkpoint : word))],
    {
      stdin: 'ignore',
      reject: false,
      buffer: { stdout: false, stderr: true },
      env: {
        JAVA_HOME: tools.javaHome,
        PATH: `${join(tools.javaHome, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
        PYSPARK_PYTHON: pythonOf(spark),
        PYSPARK_SUBMIT_ARGS: submit.map((word) => `'${word}'`).join(' '),
      },
    },
  );
  const batches: Batch[] = [];
  let peakMb = 0;
  const { pid } = child;
  if (pid !== undefined) {
    for await (const line of createInterface({ input: child.stdout })) {
      const batch = batchLine.safeParse(JSON.parse(line)).data;
      if (!batch || batch.rows === 0) {
        continue;
      }
      batches.push({
        rows: batch.rows,
        durationMs: batch.duration_ms,
        stateRows: batch.state_rows,
        stateBytes: batch.state_bytes,
        cpuSeconds: await cpuSecondsOf(pid),
        checkpointBytes: await folderSize(checkpoint),
      });
      peakMb = Math.max(peakMb, await peakRssMb(pid));
    }
  }
  const { failed, stderr } = await child;
  await rm(checkpoint, { recursive: true, force: true });
  if (failed) {
    throw new Error(`${job.program} failed: ${stderr.trim().split('\n').slice(-5).join('\n')}`);
  }
  return { batches, peakRssMb: peakMb };
}

/** Rate and CPU time of the batches after the first `warmUp`, in which the JVM compiles. */
export function sumUp(batches: readonly Batch[], warmUp: number): { rate: number; count: number; cpuSeconds: number } {
  const before = batches[warmUp - 1];
  const counted = batches.slice(warmUp);
  const last = counted.at(-1);
  if (!last) {
    throw new Error(`only ${batches.length} batches: too few to leave out ${warmUp}`);
  }
  const count = counted.reduce((sum, { rows }) => sum + rows, 0);
  const ms = counted.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return { rate: (count / ms) * 1_000, count, cpuSeconds: last.cpuSeconds - (before?.cpuSeconds ?? 0) };
}
