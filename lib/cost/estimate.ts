/** What a deployment costs in a month, before traffic, requests, logs and S3, which depend on use. */
import { z } from 'zod';

import { isMultiZone, natGateways } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { PARTS } from '../grid-stack.ts';
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
  secrets: { foundation: 7, olap: 6, batch: 2, dashboard: 2 },
  dashboards: 2,
  /** Beside those of each broker and each producer; with room for a few more. */
  alarms: 48,
  alarmsOfBroker: 2,
  alarmsOfProducer: 4,
} as const;

/** GiB. */
const ROOT_DISK = { producer: 10, producerWithDataSets: 40, host: 20 } as const;

/** What a preset replays if the seed's own figure holds: 100,000 readings/s of 80 playbacks at 24 times the speed. */
const SEED_RATE = { readingsPerSecond: 100_000, playbacks: 80, speed: 24 } as const;

/** What one ingestion task of Druid took on one core of a small machine, rolled up to a second: measured, not on AWS. */
const READINGS_OF_TASK = 72_000;

/** @throws RangeError when the table has no price for a type that the configuration names. */
export function estimate(config: GridConfig): readonly Item[] {
  const { stream, replay, dutyCycle, database, olap, batch, dashboard } = config;
  const nodes = dutyCycle.coreNodes;
  const hasDataSets = replay.redd !== undefined || replay.greend !== undefined;
  const producerDisk = hasDataSets ? ROOT_DISK.producerWithDataSets : ROOT_DISK.producer;
  const alarms = COUNTS.alarms + COUNTS.alarmsOfBroker * stream.brokers + COUNTS.alarmsOfProducer * replay.machines;
  return [
    hourly('network', 'nat/gateway', natGateways(config)),
    monthly('network', 'route53/zone', 1),
    monthly('foundation', 'kms/key', 1),
    ...Object.entries(COUNTS.secrets).map(([part, secrets]) => monthly(part, 'secretsmanager/secret', secrets)),
    // A second instance stands by in another zone.
    hourly('foundation', `rds/${database.instanceType}`, isMultiZone(config) ? 2 : 1),
    monthly('foundation', 'rds/storage-gib', database.storageGiB * (isMultiZone(config) ? 2 : 1)),
    hourly('stream', `msk/${stream.brokerType}`, stream.brokers),
    monthly('stream', 'msk/storage-gib', stream.brokers * stream.storageGiB),
    hourly('duty-cycle', `ec2/${dutyCycle.primaryType}`, 1),
    hourly('duty-cycle', `emr/${dutyCycle.primaryType}`, 1),
    hourly('duty-cycle', `ec2/${dutyCycle.coreType}`, nodes),
    hourly('duty-cycle', `emr/${dutyCycle.coreType}`, nodes),
    monthly('duty-cycle', 'ebs/gp3-gib', (nodes + 1) * dutyCycle.diskGiB),
    hourly('olap', `ec2/${olap.instanceType}`, 1),
    monthly('olap', 'ebs/gp3-gib', olap.rootDiskGiB),
    hourly('batch', `ec2/${batch.instanceType}`, 1),
    monthly('batch', 'ebs/gp3-gib', ROOT_DISK.host),
    hourly('dashboard', `ec2/${dashboard.instanceType}`, 1),
    monthly('dashboard', 'ebs/gp3-gib', ROOT_DISK.host),
    hourly('replay', `ec2/${replay.instanceType}`, replay.machines),
    monthly('replay', 'ebs/gp3-gib', replay.machines * producerDisk),
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
  const share = (replay.machines * replay.playbacksPerMachine * speed) / (SEED_RATE.playbacks * SEED_RATE.speed);
  return SEED_RATE.readingsPerSecond * share;
}

/**
 * The seed's own topology at today's prices, on the types that it used: EMR no longer takes its m5.large, so this is
 * what the same machines would cost, not something that could be deployed.
 */
export function seedEstimate(): readonly Item[] {
  return [
    hourly('stream', 'msk/kafka.m5.large', 3),
    hourly('duty-cycle', 'ec2/m5.large', 3),
    hourly('olap', 'ec2/i3.2xlarge', 1),
    hourly('replay', 'ec2/t2.xlarge', 4),
    hourly('batch', 'ec2/t2.small', 1),
    hourly('dashboard', 'ec2/t2.medium', 1),
    hourly('network', 'nat/gateway', 1),
  ];
}

/** Readings a second that Druid's tasks take at most. */
export function ingestedPerSecond({ olap }: Pick<GridConfig, 'olap'>): number {
  return olap.powerrawTasks * READINGS_OF_TASK;
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
    throw new RangeError(`lib/cost/prices.json has no price of ${what}: add it, with the date`);
  }
  return found;
}
