/** What the machines of a configuration carry, and whether that is what it is made for. */
import { ConfigError } from '../config/load.ts';
import type { GridConfig } from '../config/schema.ts';
import { executorsOf, sparkNodes } from '../config/yarn.ts';
import { type Costs, readCosts } from './costs.ts';
import { declaredLoad } from './declared-load.ts';
import { type Capacity, HEADROOM, RESOURCES } from './headroom.ts';
import { machineOf, vcpuFactor } from './machines.ts';
import { DEPLOYED_CODEC, type Load, needsOf, rateOf, SIZED_PARTS, type SizedPart } from './needs.ts';

/** Kafka and its JVM, before any appliance, GiB: what tests and benches of a small load leave resident. */
export const BROKER_BASE_GIB = 2;

/** The system, its agents and the replay of no appliance, GiB. */
const PRODUCER_BASE_GIB = 0.75;

/** How far a part's machines can be used for one of the resources. */
export interface Limit {
  readonly part: SizedPart;
  readonly resource: string;
  /** What the load takes of it, and what there is, in the unit. */
  readonly needed: number;
  readonly available: number;
  readonly unit: string;
  /** The most of it that may be in use. */
  readonly share: number;
  /** By how much the load may be multiplied before it is. */
  readonly factor: number;
}

const UNITS = { cores: 'cores', memory: 'GiB', disk: 'GiB', network: 'Gbit/s' } as const;
const FIELDS = { cores: 'cores', memory: 'memoryGib', disk: 'diskGib', network: 'networkGbit' } as const;

/** Every limit of a configuration under a load, nearest first. */
export function limitsOf(config: GridConfig, load: Load, costs: Costs): readonly Limit[] {
  const needs = needsOf(load, keepingOf(config), costs, config.spark.batchSeconds);
  const capacities = capacityOf(config);
  const limits = SIZED_PARTS.filter((part) => part !== 'replay' || config.replay.hosts > 0).flatMap((part) =>
    RESOURCES.map((resource): Limit => {
      const field = FIELDS[resource];
      return limit(part, resource, needs[part][field], capacities[part][field], UNITS[resource], HEADROOM[resource]);
    }),
  );
  // A task reads, decodes and rolls up in one thread.
  const taskRate = costs.druidTask * vcpuFactor(config.druid.instanceType);
  const tasks = limit(
    'druid',
    'powerrawTasks',
    rateOf(load) / taskRate,
    config.druid.powerrawTasks,
    'tasks',
    HEADROOM.cores,
  );
  return [...limits, tasks].filter(({ needed }) => needed > 0).sort((a, b) => a.factor - b.factor);
}

/** Readings a second that a configuration carries, with room to spare. */
export function carriedPerSecond(config: GridConfig, load: Load, costs: Costs): number {
  return rateOf(load) * (limitsOf(config, load, costs)[0]?.factor ?? Infinity);
}

/**
 * @throws ConfigError when a part is sized below the declared load: a line for each limit, with part and numbers.
 */
export function checkCapacity(config: GridConfig, costs: Costs = readCosts()): void {
  const load = declaredLoad(config);
  if (!load) {
    return;
  }
  const exceeded = limitsOf(config, load, costs).filter(({ factor }) => factor < 1);
  if (exceeded.length > 0) {
    throw new ConfigError(exceeded.map((one) => explain(one, rateOf(load))).join('\n'));
  }
}

const CURES: Readonly<Record<SizedPart, string>> = {
  replay: 'more or larger replay.hosts, or a smaller load',
  kafka: 'more or larger kafka.brokers, shorter retentionHours, or a smaller load',
  spark: 'more or larger spark.coreNodes, longer spark.batchSeconds, or a smaller load',
  druid:
    'a larger druid.instanceType, shorter druid.retentionDays, more druid.powerrawTasks, or a smaller load: a deployment has one Druid host, and a load beyond the largest needs a cluster, which it does not make yet (docs/operate/sizing.md)',
};

function explain({ part, resource, needed, available, unit, share, factor }: Limit, rate: number): string {
  const figure = (value: number): string => value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
  return (
    `${part}: ${resource}: the declared load of ${figure(rate)} readings/s needs ${figure(needed)} ${unit}; ` +
    `${figure(available)} are there, of which at most ${figure(share * 100)} % may be in use: ` +
    `that carries ${figure(rate * factor)} readings/s, ${figure(factor * 100)} % of the load. Allowed is ${CURES[part]}`
  );
}

/** What a configuration keeps. */
export function keepingOf({ kafka, druid }: GridConfig): Parameters<typeof needsOf>[1] {
  return { topics: kafka.topics, codec: DEPLOYED_CODEC, druidDays: druid.retentionDays };
}

function limit(
  part: SizedPart,
  resource: string,
  needed: number,
  available: number,
  unit: string,
  share: number,
): Limit {
  return { part, resource, needed, available, unit, share, factor: (available * share) / needed };
}

/** All machines of each part together. */
function capacityOf(config: GridConfig): Readonly<Record<SizedPart, Capacity>> {
  const { replay, kafka, spark, druid } = config;
  const producer = machineOf(replay.instanceType);
  const broker = machineOf(kafka.brokerType);
  const nodes = sparkNodes(spark);
  const node = machineOf(nodes.type);
  const executors = executorsOf({
    type: { memoryMib: node.memoryGib * 1_024, vcpus: node.vcpus },
    nodes: nodes.count,
    heapGiB: spark.executorMemoryGiB,
    cores: spark.executorCores,
  });
  const host = machineOf(druid.instanceType);
  return {
    replay: times(replay.hosts, producer.cores, producer.memoryGib - PRODUCER_BASE_GIB, Infinity, producer.networkGbit),
    kafka: times(
      kafka.brokers,
      broker.cores,
      broker.memoryGib - BROKER_BASE_GIB,
      kafka.maxStorageGiB,
      broker.networkGbit,
    ),
    spark: {
      ...times(executors, spark.executorCores * vcpuFactor(nodes.type), spark.executorMemoryGiB, Infinity, Infinity),
      networkGbit: nodes.count * node.networkGbit,
    },
    // Segments are cached on the instance store, or else on the root disk.
    druid: times(
      1,
      host.cores,
      host.memoryGib,
      host.storeGib > 0 ? host.storeGib : druid.rootDiskGiB - SYSTEM_GIB,
      host.networkGbit,
    ),
  };
}

/** Of a host's root disk, what the system, the programs and logs take, GiB. */
const SYSTEM_GIB = 20;

function times(count: number, cores: number, memoryGib: number, diskGib: number, networkGbit: number): Capacity {
  return {
    cores: count * cores,
    memoryGib: count * memoryGib,
    diskGib: count * diskGib,
    networkGbit: count * networkGbit,
  };
}
