import { z } from 'zod';

import { sleep } from '../../src/core/clock/timers.ts';
import { until } from '../../src/core/clock/until.ts';
import type { DruidApi } from '../../src/druid/api.ts';
import { streamSql } from '../../src/druid/sql.ts';
import { type SupervisorSpec, supervisorSpecs } from '../../src/druid/supervisor-specs.ts';
import { ingestionCounts, submitSupervisor } from '../../src/druid/supervisors.ts';
import { type BenchDruid, startDruid } from '../engines/druid.ts';
import { fillTopic } from '../engines/fill.ts';
import { type BenchKafka, startKafka } from '../engines/kafka.ts';
import type { BenchCase, Contender, Run } from '../harness/bench-case.ts';
import { peakRssMb } from '../harness/memory.ts';

const TOPIC = 'powerraw';
/** The seed's load: ten readings a second of each appliance, so that the roll-up to a second has something to do. */
const LOAD = { appliances: 10_000, hz: 10 };
const READINGS = 3_000_000;
const POLL_MS = 250;
/** The share of a run's readings before which its rate does not count: the JVM compiles, tasks start. */
const WARM_UP = 0.2;
/** Rows that a task holds in memory; the configuration of a host of the stack gives it as much for each GiB. */
const ROWS_IN_MEMORY = 400_000;

/** Readings from Kafka into Druid, by the spec of the stack, by one task and by two. */
export const druidCase: BenchCase = {
  name: 'druid',
  title: `readings of 10,000 appliances at 10 Hz that Druid ingests from Kafka, rolled up to a second, in one task; warm`,
  unit: 'readings/s',
  async open(bench) {
    const kafka = await startKafka(bench);
    let druid: BenchDruid | undefined;
    const close = async (): Promise<void> => {
      await druid?.stop();
      await kafka.stop();
    };
    try {
      await kafka.createTopics([TOPIC]);
      const readings = Math.ceil(READINGS * bench.scale);
      await fillTopic({ brokers: kafka.brokers, topic: TOPIC, ...LOAD, readings });
      druid = await startDruid(bench);
      const target = { kafka, druid, readings };
      return {
        ours: { name: '1 task', run: ingestion(target, 1) },
        peers: [{ name: '2 tasks', run: ingestion(target, 2) }],
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

interface Target {
  readonly kafka: BenchKafka;
  readonly druid: BenchDruid;
  readonly readings: number;
}

/** Each run fills a data source of its own from the topic's beginning. */
function ingestion(target: Target, tasks: number): Contender['run'] {
  let runs = 0;
  return async () => {
    runs += 1;
    return ingest(target, tasks, `powerraw_${tasks}_${runs}`);
  };
}

async function ingest({ kafka, druid, readings }: Target, tasks: number, dataSource: string): Promise<Run> {
  const cpu = async () => ({ client: await druid.indexerCpuSeconds(), engine: await kafka.cpuSeconds() });
  await submitSupervisor(druid.api, await specFor(kafka.brokers, dataSource, tasks));
  const processed = async (): Promise<number> => {
    const counts = await ingestionCounts(druid.api, dataSource);
    if (counts.unparseable + counts.processedWithError + counts.thrownAway > 0) {
      throw new Error(`Druid left readings out: ${JSON.stringify(counts)}`);
    }
    return counts.processed;
  };
  const from = await reached(processed, readings * WARM_UP, cpu);
  const to = await reached(processed, readings, cpu);
  const count = to.processed - from.processed;
  const rssMb = await peakRssMb(await druid.engines.pidOf('druid-indexer'));
  const stored = await published(druid.api, dataSource);
  if (stored.readings !== readings) {
    throw new Error(`Druid stored ${stored.readings} of ${readings} readings`);
  }
  return {
    rate: (count / (to.atMs - from.atMs)) * 1_000,
    count,
    cpuSeconds: { client: to.cpu.client - from.cpu.client, engine: to.cpu.engine - from.cpu.engine },
    more: {
      readings_per_row: stored.readings / stored.rows,
      bytes_per_reading: stored.bytes / stored.readings,
      bytes_per_row: stored.bytes / stored.rows,
      indexer_rss_mb: rssMb,
    },
  };
}

const LIMIT_MS = 300_000;

async function reached<Cpu>(
  processed: () => Promise<number>,
  wanted: number,
  cpu: () => Promise<Cpu>,
): Promise<{ processed: number; atMs: number; cpu: Cpu }> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const found = await processed();
    if (found >= wanted) {
      return { processed: found, atMs: Date.now(), cpu: await cpu() };
    }
    await sleep(POLL_MS);
  }
  throw new Error(`Druid did not ingest ${wanted} readings within ${LIMIT_MS / 1_000} s`);
}

const specShape = z.object({
  type: z.string(),
  spec: z.looseObject({ dataSchema: z.looseObject({ dataSource: z.string() }) }),
});

/** The stack's own spec of powerraw, for a data source of another name. */
async function specFor(brokers: string, dataSource: string, tasks: number): Promise<SupervisorSpec> {
  const specs = await supervisorSpecs({
    consumer: { 'bootstrap.servers': brokers },
    maxIntervalMs: 30_000,
    taskCounts: { powerraw: tasks },
    maxRowsInMemory: ROWS_IN_MEMORY,
  });
  const found = specs.find(({ id }) => id === 'powerraw');
  if (!found) {
    throw new Error('there is no spec of powerraw');
  }
  const { type, spec } = specShape.parse(found.spec);
  const renamed = { type, spec: { ...spec, dataSchema: { ...spec.dataSchema, dataSource } } };
  // The id names the supervisor, which Druid calls as its data source.
  return { ...found, id: dataSource as SupervisorSpec['id'], spec: z.json().parse(renamed) };
}

const segments = z.object({ bytes: z.number().nullable(), rows: z.number().nullable(), waiting: z.number() });

/** Ends a supervisor, whose tasks then publish what they hold; resolves with what the segments are on disk. */
async function published(
  api: DruidApi,
  dataSource: string,
): Promise<{ readings: number; rows: number; bytes: number }> {
  await api.request('POST', `/druid/indexer/v1/supervisor/${dataSource}/terminate`);
  const query = `SELECT SUM("size") AS bytes, SUM(num_rows) AS "rows",
      COUNT(*) FILTER (WHERE is_realtime = 1 OR is_available = 0 OR is_published = 0) AS waiting
    FROM sys.segments WHERE datasource = ? AND is_overshadowed = 0`;
  let found: z.infer<typeof segments> | undefined;
  await until(
    async () => {
      found = await one(api, query, segments, [dataSource]);
      return found.waiting === 0 && (found.rows ?? 0) > 0;
    },
    {
      intervalMs: 1_000,
      timeoutMs: LIMIT_MS,
      otherwise: () => new Error(`the segments of ${dataSource} were not published`),
    },
  );
  const counted = await one(
    api,
    `SELECT SUM("count") AS readings FROM "${dataSource}"`,
    z.object({ readings: z.number() }),
  );
  return { readings: counted.readings, rows: found?.rows ?? NaN, bytes: found?.bytes ?? NaN };
}

async function one<T>(api: DruidApi, query: string, row: z.ZodType<T>, parameters: readonly string[] = []): Promise<T> {
  for await (const found of streamSql(api, query, row, { parameters })) {
    return found;
  }
  throw new Error(`Druid gave no row for ${query}`);
}
