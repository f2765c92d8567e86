/** From a load and measured costs to what each part needs: cores, memory, disk and network, before any machine is chosen. */
import { gridClock } from '../../src/core/clock/grid-clock.ts';
import { TOPICS } from '../../src/core/messages/topics.ts';
import type { GridConfig } from '../config/schema.ts';
import type { Part } from '../stack/grid-stack.ts';
import { batchSeconds, windowsPerBatch } from './batches.ts';
import type { Codec, Costs } from './costs.ts';
import type { Need } from './headroom.ts';

export interface Load {
  readonly appliances: number;
  /** Readings per second of grid time that each appliance sends. */
  readonly hz: number;
  /** Grid seconds per second of the clock. */
  readonly speed: number;
}

/** What the parts of a deployment keep, and for how long. */
export interface Keeping {
  readonly topics: GridConfig['kafka']['topics'];
  /** What producers of powerraw compress with. */
  readonly codec: Codec;
  /** Days that Druid keeps a row. */
  readonly druidDays: number;
}

/** What hosts compress readings with (ec2-userdata/replay/start.sh; a test compares the two). */
export const DEPLOYED_CODEC: Codec = 'zstd';

/** The parts that grow with the load. */
export const SIZED_PARTS = ['replay', 'kafka', 'spark', 'druid'] as const satisfies readonly Part[];
export type SizedPart = (typeof SIZED_PARTS)[number];
export interface Needs extends Readonly<Record<SizedPart, Need>> {
  /** How long the duty-cycle job's batches are, seconds. */
  readonly batchSeconds: number;
}

/** Bytes a second that one copy of each topic takes, as producers send them. */
export interface TopicBytes {
  readonly powerraw: number;
  readonly dutycycle: number;
  readonly history: number;
}

/** Readers of powerraw: the duty-cycle job and Druid. */
const READERS = 2;
/** A duty-cycle message in Kafka: zstd makes 34 bytes of it in batches of 400 made-up ones; a third more for small batches. */
const DUTY_CYCLE_BYTES = 45;
/** A history message in Kafka, uncompressed: ids twice, a slot and three figures; src/core/messages/history.avsc. */
const HISTORY_BYTES = 100;

const GIB = 2 ** 30;
const gbit = (bytesPerSecond: number): number => (bytesPerSecond * 8) / 1e9;

/** Readings per second of the clock. */
export const rateOf = ({ appliances, hz, speed }: Load): number => appliances * hz * speed;

/** Duty cycles per second of the clock: one an appliance and slide. */
const dutyCycles = ({ appliances, speed }: Load): number => appliances / (gridClock(speed).slideMs / 1_000);

export function topicBytes(load: Load, codec: Codec, costs: Costs): TopicBytes {
  return {
    powerraw: rateOf(load) * costs.wireBytes[codec],
    dutycycle: dutyCycles(load) * DUTY_CYCLE_BYTES,
    // One message an appliance and slot, and slots are a window apart.
    history: (load.appliances / (gridClock(load.speed).windowMs / 1_000)) * HISTORY_BYTES,
  };
}

/** GiB that all copies of all topics take on the brokers' disks once nothing grows any more. */
export function kafkaGib(bytes: TopicBytes, topics: Keeping['topics']): number {
  const kept = ([TOPICS.powerraw, TOPICS.dutycycle, TOPICS.history] as const).map(
    (topic) => bytes[topic] * 3_600 * topics[topic].retentionHours * topics[topic].replication,
  );
  return kept.reduce((sum, one) => sum + one, 0) / GIB;
}

/** GiB of segments that Druid serves. */
export function druidGib(load: Load, days: number, costs: Costs): number {
  // One row an appliance and second, or fewer if it sends less, and one a duty cycle.
  const rows = load.appliances * Math.min(1, load.hz * load.speed) + dutyCycles(load);
  return (rows * costs.druidRowBytes * 86_400 * days) / GIB;
}

/**
 * @param batch length of the duty-cycle job's batches, seconds. Default: the shortest whose windows cost no more than
 *   their readings.
 */
export function needsOf(load: Load, { topics, codec, druidDays }: Keeping, costs: Costs, batch?: number): Needs {
  const millions = rateOf(load) / 1e6;
  const { cpu } = costs;
  const { slideMs } = gridClock(load.speed);
  const perTopic = topicBytes(load, codec, costs);
  const bytes = perTopic.powerraw + perTopic.dutycycle + perTopic.history;
  const { replication } = topics.powerraw;
  const followers = replication - 1;
  const sparkCores = (seconds: number): { readings: number; windows: number } => {
    const windows = windowsPerBatch({ hz: load.hz * load.speed, batchSeconds: seconds, slideMs });
    return {
      readings: millions * cpu.spark,
      windows: ((load.appliances * windows) / seconds / 1e6) * cpu.window,
    };
  };
  const seconds = batch ?? batchSeconds(slideMs, sparkCores);
  const { readings, windows } = sparkCores(seconds);
  return {
    batchSeconds: seconds,
    replay: {
      cores: millions * (cpu.replay + costs.compression[codec]),
      memoryGib: (load.appliances * costs.replayBytes) / GIB,
      diskGib: 0,
      networkGbit: gbit(perTopic.powerraw),
    },
    kafka: {
      // A follower fetches as a reader does, and writes what it fetched as if it were produced.
      cores: millions * (cpu.produce * replication + cpu.fetch * (READERS + followers)),
      // Kafka reads what is new from the page cache: a minute of it, on every copy.
      memoryGib: (bytes * 60 * replication) / GIB,
      diskGib: kafkaGib(perTopic, topics),
      networkGbit: gbit(bytes * (1 + READERS + 2 * followers)),
    },
    spark: {
      cores: readings + windows,
      memoryGib: (load.appliances * costs.stateBytes) / GIB,
      diskGib: 0,
      networkGbit: gbit(perTopic.powerraw + perTopic.dutycycle),
    },
    druid: {
      cores: millions * cpu.druid,
      // Bounded by the host's settings whatever comes: tasks write rows down when they have their number.
      memoryGib: 0,
      diskGib: druidGib(load, druidDays, costs),
      networkGbit: gbit(bytes),
    },
  };
}
