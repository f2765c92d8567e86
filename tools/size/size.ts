/** A deployment for a load: configuration, how full its machines are, what it meets first, and its price. */
import { instanceType } from '../../lib/config/instance-types.ts';
import { checkConfig } from '../../lib/config/load.ts';
import type { GridConfig, GridConfigInput } from '../../lib/config/schema.ts';
import { largestHeapGib } from '../../lib/config/yarn.ts';
import { estimate, PRICES, total } from '../cost/estimate.ts';
import { type Capacity, choose, fits, type Fleet, HEADROOM, type Resource, type Use, useOf } from './choose.ts';
import type { Costs } from './costs.ts';
import { INSTANCE_TYPES, type InstanceSpec } from './instance-types.ts';
import { type Load, type Needs, needsOf, rateOf, type SizedPart } from './needs.ts';

export interface Size {
  /** Readings per second of the clock. */
  readonly rate: number;
  readonly needs: Needs;
  /** What differs from the schema's defaults, which are the smallest deployment. */
  readonly config: GridConfigInput;
  readonly uses: Readonly<Record<SizedPart, Use>>;
  /** How far the load can grow before a part's headroom is used up: nearest first. */
  readonly limits: readonly Limit[];
  /** Sentences about what this deployment can't do. Empty: it carries the load. */
  readonly beyond: readonly string[];
  /** USD a month, before traffic, requests, logs and S3. */
  readonly monthlyUsd: number;
}

export interface Limit {
  readonly part: SizedPart;
  readonly resource: Resource;
  /** By how much the load may be multiplied. */
  readonly factor: number;
}

/** As in the seed: 80 playbacks were about 10,000 appliances. */
const APPLIANCES_PER_PLAYBACK = 125;
/** How many batches' readings one may take that has fallen behind. */
const CATCH_UP = 3;
/** MSK's and the schema's own limits. */
const MOST_BROKERS = 30;
const MOST_BROKER_GIB = 16_384;
const MOST_CORE_NODES = 100;
const MOST_REPLAY_MACHINES = 100;
const MOST_TASKS = 100;
const PARTITION_STEP = 6;
const MOST_PARTITIONS = 1_000;
/** The program and its JVM, before any appliance, GiB: what tests and benches of a small load leave resident. */
const BROKER_BASE_GIB = 2;

const priceOf = (prefix: string) => (type: InstanceSpec) => PRICES.hourly[`${prefix}/${type.name}`] ?? Infinity;

const CAPACITY: Readonly<Record<SizedPart, (type: InstanceSpec) => Capacity>> = {
  replay: (type) => capacity(type, type.vcpus, type.memoryGib - 1, Infinity),
  kafka: (type) => capacity(type, type.vcpus, type.memoryGib - BROKER_BASE_GIB, MOST_BROKER_GIB),
  spark: (type) => capacity(type, type.vcpus - 1, executorMemory(type), Infinity),
  druid: (type) => capacity(type, type.vcpus, type.memoryGib, ((type.diskGb ?? 0) * 1e9) / 2 ** 30),
};

/** @throws ConfigError when the outcome is no valid configuration. */
export function size(load: Load, costs: Costs): Size {
  const defaults = checkConfig({});
  const { replication, retentionHours } = defaults.kafka.topics.powerraw;
  const keeping = { replication, kafkaHours: retentionHours, druidDays: defaults.druid.retentionDays };
  const needs = needsOf(load, keeping, costs);
  const rate = rateOf(load);
  const beyond: string[] = [];
  const largest = <Type extends InstanceSpec>(types: readonly Type[], count: number, what: string): Fleet<Type> => {
    const type = types.at(-1);
    if (!type) {
      throw new RangeError(`no machine type for ${what}`);
    }
    beyond.push(what);
    return { type, count };
  };

  const replay =
    replayFleet(load, needs, defaults) ??
    largest(
      INSTANCE_TYPES.replay,
      MOST_REPLAY_MACHINES,
      `replay: more than ${MOST_REPLAY_MACHINES} machines; real meters need none of them`,
    );
  const brokers =
    choose(needs.kafka, INSTANCE_TYPES.broker, {
      capacity: CAPACITY.kafka,
      price: priceOf('msk'),
      least: defaults.kafka.brokers,
      most: MOST_BROKERS,
      step: defaults.kafka.brokers,
    }) ??
    largest(
      INSTANCE_TYPES.broker,
      MOST_BROKERS,
      `Kafka: more than ${MOST_BROKERS} brokers; shorten retentionHours or compress`,
    );
  const core =
    choose(needs.spark, INSTANCE_TYPES.core, {
      capacity: CAPACITY.spark,
      price: priceOf('ec2'),
      least: defaults.spark.coreNodes,
      most: MOST_CORE_NODES,
    }) ?? largest(INSTANCE_TYPES.core, MOST_CORE_NODES, `duty cycles: more than ${MOST_CORE_NODES} nodes of EMR`);
  const druid =
    choose(needs.druid, INSTANCE_TYPES.druid, { capacity: CAPACITY.druid, price: priceOf('ec2'), most: 1 }) ??
    largest(INSTANCE_TYPES.druid, 1, druidCluster(needs));

  const tasks = Math.min(
    MOST_TASKS,
    Math.ceil(rate / (costs.druidTask * HEADROOM.cores)),
    Math.floor(druid.type.vcpus * HEADROOM.cores),
  );
  const executorCores = core.type.vcpus - 1;
  const wanted = upTo(PARTITION_STEP, Math.max(tasks, Math.ceil(needs.spark.cores)));
  const partitions = Math.min(wanted, MOST_PARTITIONS);
  if (wanted > partitions) {
    beyond.push(`Kafka: more than ${MOST_PARTITIONS} partitions of powerraw`);
  }
  const brokerGib = upTo(100, needs.kafka.diskGib / HEADROOM.disk / brokers.count);
  const config: GridConfigInput = differing(defaults, {
    replay: {
      hosts: replay.count,
      playbacksPerHost: Math.max(defaults.replay.playbacksPerHost, Math.ceil(playbacksOf(load) / replay.count)),
      instanceType: replay.type.name,
    },
    kafka: {
      brokerType: brokers.type.name,
      brokers: brokers.count,
      // MSK grows disks by itself.
      storageGiB: Math.max(defaults.kafka.storageGiB, Math.min(MOST_BROKER_GIB, upTo(100, brokerGib / 4))),
      maxStorageGiB: Math.max(defaults.kafka.maxStorageGiB, Math.min(MOST_BROKER_GIB, brokerGib)),
      topics: { powerraw: { partitions: Math.max(partitions, defaults.kafka.topics.powerraw.partitions) } },
    },
    spark: {
      coreType: core.type.name,
      coreNodes: core.count,
      batchSeconds: needs.batchSeconds,
      // Three batches at once, so that a backlog is caught up with.
      maxOffsetsPerTrigger: Math.max(
        defaults.spark.maxOffsetsPerTrigger,
        upTo(1_000_000, CATCH_UP * Math.round(rate) * needs.batchSeconds),
      ),
      executorCores,
      executorMemoryGiB: executorMemory(core.type),
    },
    druid: { instanceType: druid.type.name, powerrawTasks: tasks },
  });
  const chosen: Readonly<Record<SizedPart, Fleet<InstanceSpec>>> = { replay, kafka: brokers, spark: core, druid };
  const uses = mapParts((part) => useOf(needs[part], CAPACITY[part](chosen[part].type), chosen[part].count));
  const monthlyUsd = total(estimate(checkConfig(config)));
  return { rate, needs, config, uses, limits: limitsOf(uses), beyond, monthlyUsd };
}

const playbacksOf = ({ appliances }: Load): number => Math.ceil(appliances / APPLIANCES_PER_PLAYBACK);

/** The default's machines where they carry the load. They are of the t family, so no larger load is given to them. */
function replayFleet(load: Load, needs: Needs, defaults: GridConfig): Fleet<InstanceSpec> | undefined {
  const { hosts, playbacksPerHost, instanceType } = defaults.replay;
  const asDefault: InstanceSpec = { name: instanceType, vcpus: 4, memoryGib: 16, networkGbit: 1.024 };
  const isSmall = playbacksOf(load) <= hosts * playbacksPerHost;
  if (isSmall && fits(useOf(needs.replay, CAPACITY.replay(asDefault), hosts))) {
    return { type: asDefault, count: hosts };
  }
  return choose(needs.replay, INSTANCE_TYPES.replay, {
    capacity: CAPACITY.replay,
    price: priceOf('ec2'),
    most: MOST_REPLAY_MACHINES,
  });
}

/** What one host can't do, data servers that share the work can. */
function druidCluster(needs: Needs): string {
  const server = INSTANCE_TYPES.druid[1];
  const use = useOf(needs.druid, CAPACITY.druid(server), 1);
  const servers = Math.ceil(
    Math.max(use.cores / HEADROOM.cores, use.disk / HEADROOM.disk, use.network / HEADROOM.network),
  );
  const biggest = INSTANCE_TYPES.druid[2];
  const share = Math.min(
    1,
    ...(['cores', 'disk', 'network'] as const).map(
      (one) => HEADROOM[one] / useOf(needs.druid, CAPACITY.druid(biggest), 1)[one],
    ),
  );
  return (
    `Druid: one ${biggest.name} carries ${Math.floor(share * 100)} % of this load with headroom; all of it needs a ` +
    `cluster of about ${servers} data servers of ${server.name} with 2 brokers and 2 masters (docs/operate/sizing.md)`
  );
}

/** GiB. */
function executorMemory({ name, memoryGib }: InstanceSpec): number {
  return largestHeapGib({ memoryMib: instanceType(name)?.memoryMib ?? memoryGib * 1_024 });
}

function capacity(type: InstanceSpec, cores: number, memoryGib: number, diskGib: number): Capacity {
  return { cores, memoryGib, diskGib, networkGbit: type.networkGbit };
}

function limitsOf(uses: Readonly<Record<SizedPart, Use>>): Limit[] {
  return (Object.entries(uses) as [SizedPart, Use][])
    .flatMap(([part, use]) =>
      (Object.keys(HEADROOM) as Resource[]).map((resource) => ({
        part,
        resource,
        factor: HEADROOM[resource] / use[resource],
      })),
    )
    .filter(({ factor }) => Number.isFinite(factor))
    .sort((a, b) => a.factor - b.factor);
}

function mapParts<Value>(of: (part: SizedPart) => Value): Readonly<Record<SizedPart, Value>> {
  return { replay: of('replay'), kafka: of('kafka'), spark: of('spark'), druid: of('druid') };
}

/** The least multiple of `step` that is not below `value`. */
function upTo(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}

/** A configuration without what is at its default anyway. */
function differing(defaults: object, config: GridConfigInput): GridConfigInput {
  const strip = (value: unknown, known: unknown): unknown => {
    if (typeof value !== 'object' || value === null) {
      return value === known ? undefined : value;
    }
    const kept = Object.entries(value).flatMap(([key, inside]) => {
      const left = strip(inside, isRecord(known) ? known[key] : undefined);
      return left === undefined ? [] : [[key, left] as const];
    });
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  };
  return strip(config, defaults) ?? {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
