/** What a deployment costs in a month, before traffic, requests, logs and S3, which depend on use. */
import { z } from 'zod';

import { isMultiZone, natGateways } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
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

/** Secrets of the foundation: three of the authority, the database's master, three tenants. */
const SECRETS = 7;
const ROOT_DISK_GIB = { producer: 10, host: 20 } as const;

/** @throws RangeError when the table has no price for a type that the configuration names. */
export function estimate(config: GridConfig): readonly Item[] {
  const { stream, replay, dutyCycle, database, olap, batch, dashboard } = config;
  const nodes = dutyCycle.coreNodes;
  return [
    hourly('network', 'nat/gateway', natGateways(config)),
    monthly('network', 'route53/zone', 1),
    monthly('foundation', 'kms/key', 1),
    monthly('foundation', 'secretsmanager/secret', SECRETS),
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
    hourly('batch', `ec2/${batch.instanceType}`, 1),
    hourly('dashboard', `ec2/${dashboard.instanceType}`, 1),
    monthly('hosts', 'ebs/gp3-gib', 3 * ROOT_DISK_GIB.host),
    hourly('replay', `ec2/${replay.instanceType}`, replay.machines),
    monthly('replay', 'ebs/gp3-gib', replay.machines * ROOT_DISK_GIB.producer),
  ].filter((item) => item.count > 0);
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
