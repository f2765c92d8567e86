import { join } from 'node:path';

import { repositoryPath } from '../../src/files/repository.ts';
import { mustHaveSpace } from '../disk/disk-space.ts';
import { CACHE_DIRECTORY } from './cache.ts';
import { jarsStep } from './jars.ts';
import { mavenBuildStep } from './maven-build.ts';
import { forgetDownloads, pythonStep } from './python.ts';
import type { SetupStep } from './step.ts';
import { findTools, type Tools } from './tools.ts';

const ROOT = repositoryPath();

/** Where everything is that the engines are started from. */
export interface EngineHomes {
  readonly tools: Tools;
  /** Folder with a broker's jars. */
  readonly kafkaJars: string;
  /** Folder with the jars of Druid and its Kafka ingestion. */
  readonly druidJars: string;
  /** Our Avro extension for Druid. */
  readonly avroExtension: string;
  /** Virtual environment with PySpark. */
  readonly spark: string;
  /** Folder with the jars that let Spark read Kafka and Avro. */
  readonly sparkJars: string;
}

/** How far one step of the set-up is. */
export interface SetupProgress {
  readonly title: string;
  readonly state: 'cached' | 'waiting' | 'working' | 'made';
  /** Of `totalBytes`. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/**
 * Brings the cache to what this version of the project needs: finds the tools, then makes what is missing. Maven's and
 * Python's parts go side by side, each in order.
 *
 * @param report called with the state of all the steps whenever one changes.
 * @throws SetupError with one line a problem, each saying what to do.
 */
export async function setUp(
  report: (steps: readonly SetupProgress[]) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<EngineHomes> {
  const tools = await findTools();
  const jars = (name: string, title: string): Promise<SetupStep> =>
    jarsStep(title, join(ROOT, 'engines', 'setup', name));
  const kafkaJars = await jars('kafka', 'Kafka');
  const sparkJars = await jars('spark-jars', 'Spark connectors');
  const druidJars = await jars('druid', 'Druid');
  const avro = await mavenBuildStep(tools, 'Avro for Druid', join(ROOT, 'engines', 'druid-avro'), 25_000_000);
  const spark = await pythonStep(
    tools,
    'Spark',
    'spark',
    join(ROOT, 'emr-bootstrap', 'requirements.lock'),
    1_340_000_000,
  );

  await makeAll([[kafkaJars, sparkJars, druidJars, avro], [spark]], report, signal);
  return {
    tools,
    kafkaJars: kafkaJars.folder,
    druidJars: druidJars.folder,
    avroExtension: avro.jar,
    spark: spark.folder,
    sparkJars: sparkJars.folder,
  };
}

/** Python environments that a run can do without; made only when they are wanted. */
const OPTIONAL = {
  airflow: { title: 'Airflow', lock: 'ec2-userdata/airflow/requirements.lock', bytes: 247_000_000 },
  superset: { title: 'Superset', lock: 'ec2-userdata/superset/requirements.lock', bytes: 660_000_000 },
} as const;

/** Brings one optional environment into the cache; as {@link setUp}. @returns its folder. */
export async function setUpOptional(
  part: keyof typeof OPTIONAL,
  tools: Tools,
  report: (steps: readonly SetupProgress[]) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const { title, lock, bytes } = OPTIONAL[part];
  const step = await pythonStep(tools, title, part, join(ROOT, lock), bytes);
  await makeAll([[step]], report, signal);
  return step.folder;
}

/**
 * Makes the steps that the cache lacks: lanes side by side, the steps of a lane in order.
 */
export async function makeAll(
  lanes: readonly (readonly SetupStep[])[],
  report: (steps: readonly SetupProgress[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const steps = lanes.flat();
  const progress = new Map<SetupStep, SetupProgress>();
  const set = (step: SetupStep, state: SetupProgress['state'], bytes: number): void => {
    progress.set(step, { title: step.title, state, bytes, totalBytes: step.downloadBytes });
    if (progress.size === steps.length) {
      report(steps.flatMap((known) => progress.get(known) ?? []));
    }
  };
  for (const step of steps) {
    const made = await step.isMade();
    set(step, made ? 'cached' : 'waiting', made ? step.downloadBytes : 0);
  }
  const missing = (step: SetupStep): boolean => progress.get(step)?.state === 'waiting';
  const anyMissing = steps.some(missing);
  // What is downloaded is there twice until it is whole: as it came, and as it is used.
  const bytes = steps.filter(missing).reduce((sum, step) => sum + 2 * step.downloadBytes, 0);
  await mustHaveSpace(CACHE_DIRECTORY, bytes, 'name another cache with IGRID_CACHE');

  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane.filter(missing)) {
        set(step, 'working', 0);
        await step.make((bytes) => set(step, 'working', Math.max(0, Math.min(bytes, step.downloadBytes))), signal);
        set(step, 'made', step.downloadBytes);
      }
    }),
  );
  if (anyMissing) {
    await forgetDownloads();
  }
}
