/** From a load and measured costs to what each part needs: cores, memory, disk and network, before any machine is chosen. */
import type { Part } from '../../lib/stack/grid-stack.ts';
import { gridClock } from '../../src/core/clock/grid-clock.ts';
import { batchSeconds, windowsPerBatch } from './batches.ts';
import type { Costs } from './costs.ts';

export interface Load {
  readonly appliances: number;
  /** Readings per second of grid time that each appliance sends. */
  readonly hz: number;
  /** Grid seconds per second of the clock. */
  readonly speed: number;
}

/** What the parts of a deployment keep, and for how long. */
export interface Keeping {
  /** Copies of a message in Kafka. */
  readonly replication: number;
  /** Hours that Kafka keeps one. */
  readonly kafkaHours: number;
  /** Days that Druid keeps a row. */
  readonly druidDays: number;
}

/** All of a part together. Cores are those of the measuring machine, working without pause. */
export interface Need {
  readonly cores: number;
  /** Beyond what the program needs with no appliance at all, GiB. */
  readonly memoryGib: number;
  readonly diskGib: number;
  /** Bytes in and out, Gbit/s. */
  readonly networkGbit: number;
}

/** The parts that grow with the load. */
export const SIZED_PARTS = ['replay', 'kafka', 'spark', 'druid'] as const satisfies readonly Part[];
export type SizedPart = (typeof SIZED_PARTS)[number];
export interface Needs extends Readonly<Record<SizedPart, Need>> {
  /** How long the duty-cycle job's batches have to be for its cores to do, seconds. */
  readonly batchSeconds: number;
}

/** Readers of powerraw: the duty-cycle job and Druid. */
const READERS = 2;
/** A duty-cycle message in Kafka: ids twice, two instants and seven figures; src/core/messages/dutycycle.avsc. */
const DUTY_CYCLE_BYTES = 130;

const GIB = 2 ** 30;
const gbit = (bytesPerSecond: number): number => (bytesPerSecond * 8) / 1e9;

/** Readings per second of the clock. */
export const rateOf = ({ appliances, hz, speed }: Load): number => appliances * hz * speed;

export function needsOf(load: Load, keeping: Keeping, costs: Costs): Needs {
  const rate = rateOf(load);
  const millions = rate / 1e6;
  const { cpu, kafkaBytes } = costs;
  const { slideMs } = gridClock(load.speed);
  // One duty cycle an appliance and slide.
  const dutyCycles = load.appliances / (slideMs / 1_000);
  const bytes = rate * kafkaBytes + dutyCycles * DUTY_CYCLE_BYTES;
  // Druid's rows: one an appliance and second, or fewer if it sends less, and one a duty cycle.
  const rows = load.appliances * Math.min(1, load.hz * load.speed) + dutyCycles;
  const followers = keeping.replication - 1;
  const sparkCores = (seconds: number): { readings: number; windows: number } => {
    const windows = windowsPerBatch({ hz: load.hz * load.speed, batchSeconds: seconds, slideMs });
    return {
      readings: millions * cpu.spark,
      windows: ((load.appliances * windows) / seconds / 1e6) * cpu.window,
    };
  };
  const seconds = batchSeconds(slideMs, sparkCores);
  const { readings, windows } = sparkCores(seconds);
  return {
    batchSeconds: seconds,
    replay: {
      cores: millions * cpu.replay,
      memoryGib: (load.appliances * costs.replayBytes) / GIB,
      diskGib: 0,
      networkGbit: gbit(rate * kafkaBytes),
    },
    kafka: {
      // A follower fetches as a reader does, and writes what it fetched as if it were produced.
      cores: millions * (cpu.produce * keeping.replication + cpu.fetch * (READERS + followers)),
      // Kafka reads what is new from the page cache: a minute of it, on every copy.
      memoryGib: (bytes * 60 * keeping.replication) / GIB,
      diskGib: (bytes * 3_600 * keeping.kafkaHours * keeping.replication) / GIB,
      networkGbit: gbit(bytes * (1 + READERS + 2 * followers)),
    },
    spark: {
      cores: readings + windows,
      memoryGib: (load.appliances * costs.stateBytes) / GIB,
      diskGib: 0,
      networkGbit: gbit(rate * kafkaBytes + dutyCycles * DUTY_CYCLE_BYTES),
    },
    druid: {
      cores: millions * cpu.druid,
      // Bounded by the host's settings whatever comes: tasks write rows down when they have their number.
      memoryGib: 0,
      diskGib: (rows * costs.druidRowBytes * 86_400 * keeping.druidDays) / GIB,
      networkGbit: gbit(bytes),
    },
  };
}
