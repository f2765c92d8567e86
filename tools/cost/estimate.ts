/** What a deployment costs in a month, before traffic, requests, logs and S3, which depend on use. */
import { z } from 'zod';

import { isMultiZone, natGateways } from '../../lib/config/derive.ts';
import { DRUID_TASK_READINGS_PER_SECOND } from '../../lib/config/measured.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { PARTS } from '../../lib/stack/grid-stack.ts';
import pricesJson from './prices.json' with { type: 'json' };

/** AWS' own reckoning of a month. */
export const HOURS_PER_MONTH = 730;

const pricesSchema = z.strictObject({
  date: z.iso.date(),
  region: z.string(),
  currency: z.literal('USD'),
  note: z.string(),
  checked: z.array(z.string()),
  /** USD an hour. */
  hourly: z.record(z.string(), z.number().positive()),
  /** USD a month. */
  monthly: z.record(z.string(), z.number().positive()),
});

export const PRICES = pricesSchema.parse(pricesJson);

/** One line of an estimate. */
export interface Item {
  readonly part: string;
  readonly what: string;
  readonly count: number;
  /** USD a month of all of them. */
  readonly usd: number;
  /** Whether the price is from the checked part of the table. */
  readonly isChecked: boolean;
}

/**
 * What the stacks have whatever the configuration says; a test counts them in the templates.
 */
const COUNTS = {
  /** Of the authority, the master and three tenants; of Druid's users; of Airflow and Superset. */
  secrets: { foundation: 7, druid: 6, airflow: 2, superset: 2 },
  dashboards: 2,
  /** Beside those of each broker and each replay host; with room for a few more. */
  alarms: 48,
  alarmsOfBroker: 2,
  alarmsOfProducer: 4,
} as const;

/** GiB. */
const ROOT_DISK = { replay: 10, replayWithDataSets: 40, host: 20 } as const;

/** What a preset replays if the seed's own figure holds: 100,000 readings/s of 80 playbacks at 24 times the speed. */
const SEED_RATE = { readingsPerSecond: 100_000, playbacks: 80, speed: 24 } as const;

/** @throws RangeError when the table has no price for a type that the configuration names. */
export function estimate(config: GridConfig): readonly Item[] {
  const { kafka, replay, spark, database, druid, airflow, superset } = config;
  const nodes = spark.coreNodes;
  const hasDataSets = replay.redd !== undefined || replay.greend !== undefined;
  const replayDisk = hasDataSets ? ROOT_DISK.replayWithDataSets : ROOT_DISK.replay;
  const alarms = COUNTS.alarms + COUNTS.alarmsOfBroker * kafka.brokers + COUNTS.alarmsOfProducer * replay.hosts;
  return [
    hourly('network', 'nat/gateway', natGateways(config)),
    monthly('network', 'route53/zone', 1),
    monthly('foundation', 'kms/key', 1),
    ...Object.entries(COUNTS.secrets).map(([part, secrets]) => monthly(part, 'secretsmanager/secret', secrets)),
    // A second instance stands by in another zone.
    hourly('foundation', `rds/${database.instanceType}`, isMultiZone(config) ? 2 : 1),
    monthly('foundation', 'rds/storage-gib', database.storageGiB * (isMultiZone(config) ? 2 : 1)),
    hourly('kafka', `msk/${kafka.brokerType}`, kafka.brokers),
    monthly('kafka', 'msk/storage-gib', kafka.brokers * kafka.storageGiB),
    hourly('spark', `ec2/${spark.primaryType}`, 1),
    hourly('spark', `emr/${spark.primaryType}`, 1),
    hourly('spark', `ec2/${spark.coreType}`, nodes),
    hourly('spark', `emr/${spark.coreType}`, nodes),
    monthly('spark', 'ebs/gp3-gib', (nodes + 1) * spark.diskGiB),
    hourly('druid', `ec2/${druid.instanceType}`, 1),
    monthly('druid', 'ebs/gp3-gib', druid.rootDiskGiB),
    hourly('airflow', `ec2/${airflow.instanceType}`, 1),
    monthly('airflow', 'ebs/gp3-gib', ROOT_DISK.host),
    hourly('superset', `ec2/${superset.instanceType}`, 1),
    monthly('superset', 'ebs/gp3-gib', ROOT_DISK.host),
    hourly('replay', `ec2/${replay.instanceType}`, replay.hosts),
    monthly('replay', 'ebs/gp3-gib', replay.hosts * replayDisk),
    monthly('operations', 'cloudwatch/alarm', alarms),
    monthly('operations', 'cloudwatch/dashboard', COUNTS.dashboards),
  ]
    .filter((item) => item.count > 0)
    .sort((a, b) => PARTS_OF_GRID.indexOf(a.part) - PARTS_OF_GRID.indexOf(b.part));
}

/** Parts in the order of the stacks. */
const PARTS_OF_GRID: readonly string[] = PARTS;

/** Readings a second that the configuration's machines replay, by the seed's own figure; 0 without machines. */
export function replayedPerSecond({ replay, speed }: Pick<GridConfig, 'replay' | 'speed'>): number {
  const share = (replay.hosts * replay.playbacksPerHost * speed) / (SEED_RATE.playbacks * SEED_RATE.speed);
  return SEED_RATE.readingsPerSecond * share;
}

/**
 * The seed's own topology at today's prices, on the types that it used: EMR no longer takes its m5.large, so this is
 * what the same machines would cost, not something that could be deployed.
 */
export function seedEstimate(): readonly Item[] {
  return [
    hourly('kafka', 'msk/kafka.m5.large', 3),
    hourly('spark', 'ec2/m5.large', 3),
    hourly('druid', 'ec2/i3.2xlarge', 1),
    hourly('replay', 'ec2/t2.xlarge', 4),
    hourly('airflow', 'ec2/t2.small', 1),
    hourly('superset', 'ec2/t2.medium', 1),
    hourly('network', 'nat/gateway', 1),
  ];
}

/** Readings a second that Druid's tasks take at most. */
export function ingestedPerSecond({ druid }: Pick<GridConfig, 'druid'>): number {
  return druid.powerrawTasks * DRUID_TASK_READINGS_PER_SECOND;
}

export function total(items: readonly Item[]): number {
  return items.reduce((sum, { usd }) => sum + usd, 0);
}

function hourly(part: string, what: string, count: number): Item {
  return item(part, what, count, price(PRICES.hourly, what) * HOURS_PER_MONTH);
}

function monthly(part: string, what: string, count: number): Item {
  return item(part, what, count, price(PRICES.monthly, what));
}

function item(part: string, what: string, count: number, usdEach: number): Item {
  return { part, what, count, usd: count * usdEach, isChecked: PRICES.checked.includes(what) };
}

function price(table: Readonly<Record<string, number>>, what: string): number {
  const found = table[what];
  if (found === undefined) {
    throw new RangeError(`tools/cost/prices.json has no price of ${what}: add it, with the date`);
  }
  return found;
}
