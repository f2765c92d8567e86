/** A deployment for a load: configuration, how full its machines are, its first bottleneck, and its price. */
import { BROKER_BASE_GIB, keepingOf } from '../../lib/capacity/capacity.ts';
import type { Costs } from '../../lib/capacity/costs.ts';
import { APPLIANCES_PER_PLAYBACK } from '../../lib/capacity/declared-load.ts';
import { type Capacity, HEADROOM, type Resource, type Use, useOf } from '../../lib/capacity/headroom.ts';
import { type Machine, vcpuFactor } from '../../lib/capacity/machines.ts';
import { type Load, type Needs, needsOf, rateOf, type SizedPart } from '../../lib/capacity/needs.ts';
import { checkConfig } from '../../lib/config/load.ts';
import type { GridConfigInput } from '../../lib/config/schema.ts';
import { largestHeapGib } from '../../lib/config/yarn.ts';
import { STORAGE_TARGET_PERCENT } from '../../lib/kafka/storage-scaling.ts';
import { estimate, total } from '../cost/estimate.ts';
import { PRICES } from '../cost/prices.ts';
import { choose, type Fleet } from './choose.ts';
import { INSTANCE_TYPES } from './instance-types.ts';

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
  /** USD a month. */
  readonly monthlyUsd: number;
}

export interface Limit {
  readonly part: SizedPart;
  readonly resource: Resource;
  /** By how much the load may be multiplied. */
  readonly factor: number;
}

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

const priceOf = (prefix: string) => (type: Machine) => PRICES.prices[`${prefix}/${type.name}`]?.usd ?? Infinity;

const CAPACITY: Readonly<Record<SizedPart, (type: Machine) => Capacity>> = {
  replay: (type) => capacity(type, type.cores, type.memoryGib - 1, Infinity),
  kafka: (type) => capacity(type, type.cores, type.memoryGib - BROKER_BASE_GIB, MOST_BROKER_GIB),
  spark: (type) => capacity(type, (type.vcpus - 1) * vcpuFactor(type.name), executorMemory(type), Infinity),
  druid: (type) => capacity(type, type.cores, type.memoryGib, type.storeGib),
};

/** @throws ConfigError when the outcome is no valid configuration. */
export function size(load: Load, costs: Costs): Size {
  const defaults = checkConfig({});
  const needs = needsOf(load, keepingOf(defaults), costs);
  const rate = rateOf(load);
  const beyond: string[] = [];
  const largest = (types: readonly Machine[], count: number, what: string): Fleet => {
    const type = types.at(-1);
    if (!type) {
      throw new RangeError(`no machine type for ${what}`);
    }
    beyond.push(what);
    return { type, count };
  };

  const replay =
    choose(needs.replay, INSTANCE_TYPES.replay, {
      capacity: CAPACITY.replay,
      price: priceOf('ec2'),
      most: MOST_REPLAY_MACHINES,
    }) ??
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
    largest(INSTANCE_TYPES.broker, MOST_BROKERS, `Kafka: more than ${MOST_BROKERS} brokers; shorten retentionHours`);
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
    Math.ceil(rate / (costs.druidTask * vcpuFactor(druid.type.name) * HEADROOM.cores)),
    druid.type.vcpus,
  );
  const executorCores = core.type.vcpus - 1;
  const wanted = upTo(PARTITION_STEP, Math.max(tasks, Math.ceil(needs.spark.cores)));
  const partitions = Math.min(wanted, MOST_PARTITIONS);
  if (wanted > partitions) {
    beyond.push(`Kafka: more than ${MOST_PARTITIONS} partitions of powerraw`);
  }
  const brokerGib = upTo(10, needs.kafka.diskGib / (STORAGE_TARGET_PERCENT / 100) / brokers.count);
  const config: GridConfigInput = differing(defaults, {
    load: { appliances: load.appliances, hz: load.hz },
    speed: load.speed,
    replay: {
      hosts: replay.count,
      playbacksPerHost: Math.max(defaults.replay.playbacksPerHost, Math.ceil(playbacksOf(load) / replay.count)),
      instanceType: replay.type.name,
    },
    kafka: {
      brokerType: brokers.type.name,
      brokers: brokers.count,
      storageGiB: Math.max(defaults.kafka.storageGiB, Math.min(MOST_BROKER_GIB, brokerGib)),
      maxStorageGiB: Math.max(defaults.kafka.maxStorageGiB, Math.min(MOST_BROKER_GIB, 2 * brokerGib)),
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
  const chosen: Readonly<Record<SizedPart, Fleet>> = { replay, kafka: brokers, spark: core, druid };
  const uses = mapParts((part) => useOf(needs[part], CAPACITY[part](chosen[part].type), chosen[part].count));
  const monthlyUsd = total(estimate(checkConfig(config)));
  return { rate, needs, config, uses, limits: limitsOf(uses), beyond, monthlyUsd };
}

const playbacksOf = ({ appliances }: Load): number => Math.ceil(appliances / APPLIANCES_PER_PLAYBACK);

/** What one host can't do, data servers that share the work can. */
function druidCluster(needs: Needs): string {
  const [, server, biggest] = INSTANCE_TYPES.druid;
  if (!server || !biggest) {
    throw new RangeError('there are too few machine types for Druid');
  }
  const use = useOf(needs.druid, CAPACITY.druid(server), 1);
  const servers = Math.ceil(
    Math.max(use.cores / HEADROOM.cores, use.disk / HEADROOM.disk, use.network / HEADROOM.network),
  );
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
function executorMemory({ memoryGib }: Machine): number {
  return largestHeapGib({ memoryMib: memoryGib * 1_024 });
}

function capacity(type: Machine, cores: number, memoryGib: number, diskGib: number): Capacity {
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
