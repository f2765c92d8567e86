import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { sparkProcess, type SparkProgress } from '../../engines/processes/spark.ts';
import { thresholds } from '../../src/core/appliances/registry.ts';
import { gridClock } from '../../src/core/clock/grid-clock.ts';
import { TOPICS } from '../../src/core/messages/topics.ts';
import { supervisorSpecs } from '../../src/druid/supervisor-specs.ts';
import { submitSupervisor, supervisorStatus } from '../../src/druid/supervisors.ts';
import { type BenchDruid, startDruid } from '../engines/druid.ts';
import { type Engines, startEngines } from '../engines/engines.ts';
import { type BenchKafka, PARTITIONS, startKafka } from '../engines/kafka.ts';
import type { Bench, BenchCase, Run } from '../harness/bench-case.ts';
import { type WatchedReplay, watchReplay } from '../replay/watch-replay.ts';

const SPEED = 24;
/** Playbacks of the sample data in each step, about 560 readings a second each. */
const STEPS = [25, 50, 75, 100, 150, 200, 300, 400, 600];
const STEP_MS = 30_000;
/** A part keeps up while less than this much of the step's readings waits for it, s: it takes them in batches. */
const MOST_LAG_S = 5;

/** The whole chain on one machine: live readings in steps, until a part no longer keeps up. */
export const endToEndCase: BenchCase = {
  name: 'end-to-end',
  title: `live readings through the whole chain, replay, Kafka, duty cycles and Druid, on one machine: the highest step at which nothing lags more than ${MOST_LAG_S} s`,
  unit: 'readings/s',
  rounds: 1,
  async open(bench) {
    const chain = await startChain(bench);
    return {
      ours: { name: 'the whole chain', run: () => highestStep(bench, chain) },
      peers: [],
      close: chain.stop,
    };
  },
};

interface Chain {
  readonly kafka: BenchKafka;
  readonly druid: BenchDruid;
  readonly spark: Engines;
  /** Records of powerraw that are not read yet, by reader. */
  readonly lag: () => Promise<{ sparkRecords: number; druidRecords: number }>;
  readonly stop: () => Promise<void>;
}

async function startChain(bench: Bench): Promise<Chain> {
  const running: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of running.splice(0).reverse()) {
      await end();
    }
  };
  try {
    const kafka = await startKafka(bench);
    running.push(() => kafka.stop());
    await kafka.createTopics(Object.values(TOPICS));
    const druid = await startDruid(bench);
    running.push(() => druid.stop());
    const clock = gridClock(SPEED);
    for (const spec of await supervisorSpecs({
      consumer: { 'bootstrap.servers': kafka.brokers },
      maxIntervalMs: clock.maxGapMs,
    })) {
      await submitSupervisor(druid.api, spec);
    }
    let progress: SparkProgress | undefined;
    const spark = await startSpark(bench, kafka.brokers, (news) => (progress = news));
    running.push(() => spark.stop());
    return {
      kafka,
      druid,
      spark,
      stop,
      lag: async () => ({
        sparkRecords: (await kafka.messages(TOPICS.powerraw)) - sum(progress?.end_offsets ?? {}),
        druidRecords: (await supervisorStatus(druid.api, 'powerraw')).lag ?? Infinity,
      }),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSpark(bench: Bench, brokers: string, onProgress: (progress: SparkProgress) => void) {
  const directory = join(bench.directory, 'spark');
  await mkdir(directory, { recursive: true });
  const thresholdsFile = join(bench.directory, 'thresholds.json');
  await writeFile(thresholdsFile, JSON.stringify(thresholds({ from: 0, to: STEPS.at(-1) ?? 0 })));
  const { tools, spark, sparkJars } = bench.homes;
  return startEngines(directory, [
    {
      ...sparkProcess({
        javaHome: tools.javaHome,
        environment: spark,
        jars: (await readdir(sparkJars)).map((jar) => join(sparkJars, jar)),
        brokers,
        directory: join(directory, 'job'),
        checkpoint: join(directory, 'job', 'checkpoint'),
        thresholds: thresholdsFile,
        clock: gridClock(SPEED),
        startingOffsets: Object.fromEntries(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 0])),
        heapMb: 2_048,
        compiler: 'optimising',
        onProgress,
      }),
      // What it comes after runs under another supervision here.
      after: [],
    },
  ]);
}

/** Climbs until something lags; gives the last step before. */
async function highestStep(bench: Bench, chain: Chain): Promise<Run> {
  let best: Run | undefined;
  for (const playbacks of STEPS.filter((step) => step * bench.scale >= 1).map((step) =>
    Math.ceil(step * bench.scale),
  )) {
    const step = await runStep(bench, chain, playbacks);
    bench.note(
      `end-to-end: ${playbacks} playbacks: ${Math.round(step.run.rate)} readings/s, behind: ` +
        Object.entries(step.behindS)
          .map(([part, seconds]) => `${part} ${seconds.toFixed(1)} s`)
          .join(', '),
    );
    const worst = Math.max(...Object.values(step.behindS));
    if (worst > MOST_LAG_S) {
      if (!best) {
        throw new Error(`nothing keeps up even with ${playbacks} playbacks`);
      }
      const [first] = Object.entries(step.behindS).sort(([, a], [, b]) => b - a);
      bench.note(`end-to-end: ${first?.[0] ?? ''} lags first`);
      return best;
    }
    best = step.run;
  }
  if (!best) {
    throw new Error('no step was run');
  }
  return best;
}

async function runStep(
  bench: Bench,
  { kafka, druid, spark, lag }: Chain,
  playbacks: number,
): Promise<{ run: Run; behindS: Record<string, number> }> {
  const parts = async () => ({
    kafka: await kafka.cpuSeconds(),
    spark: await spark.cpuSeconds('spark'),
    druid: await druid.indexerCpuSeconds(),
  });
  const stepMs = bench.forMs ?? STEP_MS;
  // The lag while readings still come: after the end everybody catches up.
  const lags: Awaited<ReturnType<typeof lag>>[] = [];
  const watch = setInterval(
    () =>
      void lag().then(
        (found) => lags.push(found),
        () => undefined,
      ),
    1_000,
  );
  const before = await parts();
  let replay: WatchedReplay;
  try {
    replay = await watchReplay(
      'live',
      [
        ...['--brokers', kafka.brokers, '--from', '0', '--to', String(playbacks), '--speed', String(SPEED)],
        ...['--for', `${stepMs / 1_000}s`],
      ],
      () => kafka.cpuSeconds(),
    );
  } finally {
    clearInterval(watch);
  }
  const after = await parts();
  const rate = replay.readings / replay.seconds;
  // The last third, in which a part that can't keep up is further behind than at first.
  const last = lags.slice(-Math.ceil(lags.length / 3));
  const least = (of: (one: (typeof lags)[number]) => number): number => Math.min(...last.map(of)) / rate;
  return {
    behindS: {
      spark: least(({ sparkRecords }) => sparkRecords),
      druid: least(({ druidRecords }) => druidRecords),
      replay: replay.stopped.lateness_ms.p99 / 1_000,
    },
    run: {
      rate,
      count: replay.stopped.acknowledged,
      cpuSeconds: {
        client: after.spark - before.spark + after.druid - before.druid + replay.cpuSeconds.client,
        engine: after.kafka - before.kafka,
      },
      more: { appliances: replay.started.appliances, late_readings: replay.stopped.late },
    },
  };
}

const sum = (offsets: Readonly<Record<string, number>>): number =>
  Object.values(offsets).reduce((total, offset) => total + offset, 0);
