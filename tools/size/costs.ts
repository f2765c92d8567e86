/** What a reading costs each part of the grid: from bench/results.json, which `npm run bench` writes. */
import { z } from 'zod';

import results from '../../bench/results.json' with { type: 'json' };
import { DEFAULT_SPEED, gridClock } from '../../src/core/clock/grid-clock.ts';
import { windowsPerBatch } from './batches.ts';

const cpu = z.object({ client: z.number(), engine: z.number() });

const measured = z.object({
  machine: z.object({ cpu: z.string(), cores: z.int(), memory_gib: z.number() }),
  cases: z.array(
    z.object({
      name: z.string(),
      date: z.iso.datetime(),
      peers: z.record(z.string(), z.number()),
      cpu_s_per_million: z.record(z.string(), cpu.partial({ engine: true })),
      more: z.record(z.string(), z.record(z.string(), z.number())),
    }),
  ),
});

/** Measured costs. CPU seconds are those of the measuring machine's cores. */
export interface Costs {
  /** The machine, and the day of the oldest figure among those used. */
  readonly machine: string;
  readonly date: string;
  /** CPU seconds per million readings. */
  readonly cpu: {
    readonly replay: number;
    /** A broker that takes them. */
    readonly produce: number;
    /** A broker that gives them to one reader. */
    readonly fetch: number;
    /** The duty-cycle job, which reads and judges them. */
    readonly spark: number;
    readonly druid: number;
    /** The same job per million look-ups of a window's sums: one for each appliance, open window and batch. */
    readonly window: number;
  };
  /** Bytes of a reading in Kafka, uncompressed, with its share of a batch. */
  readonly kafkaBytes: number;
  /** Bytes of a stored row of powerraw, a second of an appliance. */
  readonly druidRowBytes: number;
  /** Memory of the duty-cycle job for each appliance, bytes, with its state in the heap as Spark does by default. */
  readonly stateBytes: number;
  /** Memory of a replay for each appliance, bytes. */
  readonly replayBytes: number;
  /** Readings per second that one Druid task takes of a core. */
  readonly druidTask: number;
}

/** What appliances send in a batch of two cases, and when their windows begin: bench/spark/spark-cases.ts. */
const BACKLOG = { hz: 10, batchSeconds: 30, slideMs: gridClock(DEFAULT_SPEED).slideMs };
const CITY = { hz: 0.2, batchSeconds: 5, slideMs: gridClock(DEFAULT_SPEED).slideMs };

/**
 * Two cases, two unknowns: in large batches of few appliances the readings cost, in those with a reading of each of many
 * appliances their windows.
 *
 * @param backlog, city CPU seconds per million readings.
 */
function sparkCpu(backlog: number, city: number): { spark: number; window: number } {
  const windowsOf = (load: typeof CITY): number => windowsPerBatch(load) / (load.hz * load.batchSeconds);
  const window = Math.max(0, city - backlog) / (windowsOf(CITY) - windowsOf(BACKLOG));
  return { window, spark: Math.max(0, backlog - window * windowsOf(BACKLOG)) };
}

/** A results file that lacks a case that sizes are made from. */
export class CostsError extends Error {
  override readonly name = 'CostsError';
}

/**
 * @param content of a results file. Default: bench/results.json.
 * @throws CostsError naming the case or figure that it lacks.
 */
export function readCosts(content: unknown = results): Costs {
  const parsed = measured.safeParse(content);
  if (!parsed.success) {
    throw new CostsError(`bench/results.json: ${z.prettifyError(parsed.error)}`);
  }
  const { machine, cases } = parsed.data;
  const used: string[] = [];
  const caseOf = (name: string) => {
    const found = cases.find((one) => one.name === name);
    if (!found) {
      throw new CostsError(`bench/results.json has no case ${name}: run npm run bench -- ${name}`);
    }
    used.push(found.date);
    return found;
  };
  const cpuOf = (name: string): z.infer<typeof cpu> => {
    const whole = cpu.safeParse(caseOf(name).cpu_s_per_million.ours);
    if (!whole.success) {
      throw new CostsError(`bench/results.json: ${name} lacks the CPU time of client and engine`);
    }
    return whole.data;
  };
  const figure = (name: string, of: string, which: string): number => {
    const found = caseOf(name).more[of]?.[which];
    if (found === undefined) {
      throw new CostsError(`bench/results.json: ${name} lacks ${which} of ${of}`);
    }
    return found;
  };
  const costs = {
    cpu: {
      ...sparkCpu(figure('duty-cycle-backlog', 'ours', 'warm_cpu_s_per_million'), cpuOf('duty-cycle-1m').client),
      replay: cpuOf('paced').client,
      produce: cpuOf('paced').engine,
      fetch: Math.max(cpuOf('duty-cycle').engine, cpuOf('druid').engine),
      druid: cpuOf('druid').client,
    },
    kafkaBytes: figure('duty-cycle', 'ours', 'topic_bytes_per_reading'),
    druidRowBytes: figure('druid', 'ours', 'bytes_per_row'),
    stateBytes: figure('duty-cycle-1m', 'ours', 'state_bytes_per_appliance'),
    replayBytes: figure('paced', 'ours', 'bytes_per_appliance'),
    druidTask: 1e6 / cpuOf('druid').client,
  };
  const oldest = used.sort()[0] ?? '';
  return { ...costs, machine: `${machine.cores} cores, ${machine.cpu}`, date: oldest.slice(0, 10) };
}
