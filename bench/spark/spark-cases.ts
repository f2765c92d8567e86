import { join } from 'node:path';

import { folderSize } from '../../engines/disk/folder-size.ts';
import { fillTopic } from '../engines/fill.ts';
import { type BenchKafka, startKafka } from '../engines/kafka.ts';
import type { Bench, BenchCase, Run } from '../harness/bench-case.ts';
import { COLLECTOR, G1, type Input, ourJob, ROCKSDB, seedJob } from './jobs.ts';
import { CORES, runSpark, type SparkJob, type SparkRun, sumUp } from './spark-run.ts';

const TOPIC = 'powerraw';
const OUTPUT = 'dutycycle';

/** The seed's load: 10,000 appliances of which each sends ten readings a second of the clock. */
const SEED_LOAD = { appliances: 10_000, hz: 10 };
const CITY_APPLIANCES = 1_000_000;
const HEAP_MB = 3_072;

/** A second of the seed's load. */
const LIVE_BATCH = 100_000;
/**
 * The job's limit in production, see the configuration's spark.maxOffsetsPerTrigger. tools/size knows that the batches
 * of `duty-cycle-backlog` hold as many, which are 30 s of the seed's load.
 */
const LARGEST_BATCH = 3_000_000;

/** A broker with a topic of readings, and how a job's run on it is measured. */
async function openTopic(bench: Bench, load: { appliances: number; hz: number; readings: number }) {
  const kafka = await startKafka(bench);
  try {
    await kafka.createTopics([TOPIC, OUTPUT]);
    const { appliances, hz } = load;
    const readings = Math.ceil(load.readings * bench.scale);
    bench.note(`filling a topic with ${readings} readings of ${appliances} appliances`);
    await fillTopic({ brokers: kafka.brokers, topic: TOPIC, appliances, hz, readings });
    const data = join(bench.directory, 'kafka', 'data');
    // Kafka's index files are made as large as they may become, and cut when a segment is full.
    const topicBytes = await folderSize(data, (file) => file.endsWith('.log'));
    return {
      kafka,
      readings,
      bytesPerReading: topicBytes / readings,
      input: { brokers: kafka.brokers, topic: TOPIC, outputTopic: OUTPUT, heapMb: HEAP_MB },
    };
  } catch (error) {
    await kafka.stop();
    throw error;
  }
}

async function measured(
  { bench, kafka, warmUp }: { bench: Bench; kafka: BenchKafka; warmUp: number },
  job: SparkJob,
  more: (run: SparkRun) => Record<string, number> = () => ({}),
): Promise<Run> {
  const before = await kafka.cpuSeconds();
  const run = await runSpark(bench, job);
  const broker = (await kafka.cpuSeconds()) - before;
  const { rate, count, cpuSeconds } = sumUp(run.batches, warmUp);
  const all = run.batches.reduce((sum, { rows }) => sum + rows, 0);
  return {
    rate,
    count,
    // The broker served the warm-up as well.
    cpuSeconds: { client: cpuSeconds, engine: (broker * count) / all },
    more: { rss_mb: run.peakRssMb, state_rows: run.batches.at(-1)?.stateRows ?? 0, ...more(run) },
  };
}

/** The most memory that open windows took. */
function stateBytes(batches: SparkRun['batches']): number {
  return Math.max(...batches.map((batch) => batch.stateBytes));
}

/** Live: the batches that come when readings come at the seed's rate. */
export const liveCase: BenchCase = {
  name: 'duty-cycle',
  title: `readings of 10,000 appliances that the duty-cycle job takes on ${CORES} cores, in batches of ${LIVE_BATCH}: a second of the seed's load; warm`,
  unit: 'readings/s',
  async open(bench) {
    const { kafka, readings, bytesPerReading, input } = await openTopic(bench, { ...SEED_LOAD, readings: 10_000_000 });
    const live: Input = { ...input, batch: LIVE_BATCH };
    // Java compiles Spark for most of a minute, whatever number of batches that is; both jobs get as long.
    const warmUp = (atFullScale: number): number => Math.ceil(atFullScale * Math.min(1, bench.scale));
    const run = { bench, kafka, warmUp: warmUp(60) };
    return {
      ours: {
        name: 'duty_cycle.py',
        run: async () =>
          measured(run, await ourJob(bench, live), ({ batches }) => ({
            topic_bytes_per_reading: bytesPerReading,
            state_bytes_per_appliance: stateBytes(batches) / SEED_LOAD.appliances,
          })),
      },
      // It takes seconds for a batch: a tenth of the topic is enough.
      peers: [
        {
          name: "the seed's job",
          run: () => measured({ ...run, warmUp: warmUp(5) }, seedJob(live, Math.ceil(readings / 10))),
        },
      ],
      close: () => kafka.stop(),
    };
  },
};

/** Catching up: batches as large as each job takes by itself. */
export const backlogCase: BenchCase = {
  name: 'duty-cycle-backlog',
  title: `the same with the whole topic waiting: ours in batches of ${LARGEST_BATCH}, the seed's, which has no limit, in one`,
  unit: 'readings/s',
  async open(bench) {
    const { kafka, readings, input } = await openTopic(bench, { ...SEED_LOAD, readings: 9_000_000 });
    const run = { bench, kafka, warmUp: 0 };
    // At least three batches, with a smaller topic as well.
    const ours: Input = { ...input, batch: Math.ceil(LARGEST_BATCH * Math.min(1, bench.scale)) };
    // All of it is counted, since the seed's job has but one batch: beside it what the later batches say.
    const warm = ({ batches }: SparkRun): Record<string, number> => {
      const { rate, count, cpuSeconds } = sumUp(batches, 1);
      return { warm_readings_per_s: rate, warm_cpu_s_per_million: (cpuSeconds / count) * 1e6 };
    };
    return {
      ours: { name: 'duty_cycle.py', run: async () => measured(run, await ourJob(bench, ours), warm) },
      peers: [
        { name: "the seed's job", run: () => measured(run, seedJob(input, readings)) },
        {
          name: "the seed's job with our garbage collector",
          run: () => measured(run, seedJob({ ...input, conf: COLLECTOR }, readings)),
        },
        // What the collector is for: ours with Java's own choice.
        {
          name: 'duty_cycle.py with G1, the default of Java 17',
          run: async () => measured(run, await ourJob(bench, { ...ours, conf: G1 }), warm),
        },
      ],
      close: () => kafka.stop(),
    };
  },
};

/**
 * A million appliances: what a batch does is to look their sums up and write them. tools/size knows that `duty-cycle-1m`
 * has one reading of each appliance in a batch.
 */
export const cityCase: BenchCase = {
  name: 'duty-cycle-1m',
  title: `readings of 1,000,000 appliances at 0.2 Hz that the duty-cycle job takes on ${CORES} cores, by state store and batch; warm`,
  unit: 'readings/s',
  rounds: 1,
  async open(bench) {
    const appliances = Math.ceil(CITY_APPLIANCES * bench.scale);
    const { kafka, input } = await openTopic(bench, { appliances, hz: 0.2, readings: 4_000_000 });
    // Two batches of the larger kind are the whole topic.
    const run = { bench, kafka, warmUp: 1 };
    const figures = ({ batches }: SparkRun): Record<string, number> => ({
      appliances,
      checkpoint_mb: (batches.at(-1)?.checkpointBytes ?? 0) / 1e6,
      state_bytes_per_appliance: stateBytes(batches) / appliances,
    });
    const contender = (name: string, more: Partial<Input>) => ({
      name,
      run: async (): Promise<Run> =>
        measured(run, await ourJob(bench, { ...input, batch: appliances, ...more }), figures),
    });
    return {
      ours: contender("state in the heap, Spark's default (10 GiB)", { heapMb: 10_240 }),
      peers: [
        contender('the same in batches twice as large', { heapMb: 10_240, batch: 2 * appliances }),
        contender('state in RocksDB (heap 4 GiB)', { heapMb: 4_096, conf: ROCKSDB }),
      ],
      close: () => kafka.stop(),
    };
  },
};

/** Spark removes old state once a minute: with every third batch when they come every twenty seconds, and here, too. */
const CLEANING = { 'spark.sql.streaming.stateStore.maintenanceInterval': '3s' };

/** An hour's windows: what grows and what does not. Spark keeps the state of a hundred batches, so there are more of them. */
export const growthCase: BenchCase = {
  name: 'duty-cycle-hour',
  title: `an hour of the clock of 10,000 appliances at 0.2 Hz, 720 windows each, twenty seconds a batch: growth of state and checkpoint`,
  unit: 'readings/s',
  rounds: 1,
  async open(bench) {
    const hour = { appliances: 10_000, hz: 0.2, readings: 7_200_000 };
    const { kafka, input } = await openTopic(bench, hour);
    const at = (batches: SparkRun['batches'], share: number) => batches[Math.floor((batches.length - 1) * share)];
    const growth = ({ batches }: SparkRun): Record<string, number> =>
      Object.fromEntries(
        [0.25, 0.5, 0.75, 1].flatMap((share) => [
          [`min_${60 * share}_state_rows`, at(batches, share)?.stateRows ?? 0],
          [`min_${60 * share}_checkpoint_mb`, (at(batches, share)?.checkpointBytes ?? 0) / 1e6],
        ]),
      );
    return {
      ours: {
        name: 'duty_cycle.py',
        run: async () =>
          measured(
            { bench, kafka, warmUp: 5 },
            await ourJob(bench, { ...input, conf: CLEANING, batch: 40_000 }),
            growth,
          ),
      },
      peers: [],
      close: () => kafka.stop(),
    };
  },
};
