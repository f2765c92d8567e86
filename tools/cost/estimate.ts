/** What a deployment costs in a month, line by line. */
import { readCosts } from '../../lib/capacity/costs.ts';
import { declaredLoad } from '../../lib/capacity/declared-load.ts';
import { backupDays, isMultiZone, natGateways } from '../../lib/config/derive.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { STORAGE_TARGET_PERCENT } from '../../lib/kafka/storage-scaling.ts';
import { NAT_DISK_GIB, NAT_INSTANCE_TYPE } from '../../lib/network/nat-instance.ts';
import { PARTS } from '../../lib/stack/grid-stack.ts';
import { type Item, line } from './item.ts';
import {
  backupItem,
  brokerGib,
  checkpointItems,
  freeItems,
  logGb,
  NAT_GB_PER_HOST,
  natGb,
  segmentsItem,
  trafficItems,
} from './usage.ts';

export { HOURS_PER_MONTH, type Item, total } from './item.ts';

/** What no line contains. */
export const LEFT_OUT =
  'requests and traffic of S3 beside the checkpoint, versions that prod keeps there, requests of KMS and Secrets Manager, functions, ' +
  'Session Manager, alarms by mail, traffic to browsers and to other regions, nodes that managed scaling adds, support, taxes';

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
  /** Of logs, beside those of producers. */
  loggedMetrics: 17,
  loggedMetricsOfProducers: 2,
  /** Of the CloudWatch agent on each host: memory and the root disk; and Druid's cache. */
  metricsOfHost: 2,
} as const;

/** GiB. */
const ROOT_DISK = { replay: 10, replayWithDataSets: 40, host: 20 } as const;

/** @throws RangeError when the table has no price for a type that the configuration names. */
export function estimate(config: GridConfig): readonly Item[] {
  const costs = readCosts();
  const load = declaredLoad(config);
  const fixed = fixedItems(config, brokerGib(config, load, costs));
  const byLoad = load ? [...trafficItems(config, load, costs), segmentsItem(config, load, costs)] : [];
  const items = [...fixed, ...byLoad, ...operationsItems(config)].filter(
    ({ count, price }) => count > 0 || price.startsWith('traffic/'),
  );
  return [...items, ...freeItems(items)].sort((a, b) => PARTS_OF_GRID.indexOf(a.part) - PARTS_OF_GRID.indexOf(b.part));
}

/** Parts in the order of the stacks. */
const PARTS_OF_GRID: readonly string[] = PARTS;

/** @param brokerDisk GiB of each broker. */
function fixedItems(config: GridConfig, brokerDisk: number): Item[] {
  const { kafka, replay, spark, database, druid, airflow, superset } = config;
  const nodes = spark.coreNodes;
  const hasDataSets = replay.redd !== undefined || replay.greend !== undefined;
  const replayDisk = hasDataSets ? ROOT_DISK.replayWithDataSets : ROOT_DISK.replay;
  // A second instance stands by in another zone.
  const databases = isMultiZone(config) ? 2 : 1;
  return [
    ...natItems(config),
    line('network', 'route53/zone', 1),
    line('foundation', 'kms/key', 1),
    ...Object.entries(COUNTS.secrets).map(([part, secrets]) => line(part, 'secretsmanager/secret', secrets)),
    line('foundation', `rds/${database.instanceType}`, databases),
    line('foundation', 'rds/storage-gib', database.storageGiB * databases),
    backupItem(database.storageGiB, backupDays(config)),
    line('kafka', `msk/${kafka.brokerType}`, kafka.brokers),
    line('kafka', 'msk/storage-gib', kafka.brokers * brokerDisk, {
      why: `${kafka.brokers} brokers x ${brokerDisk} GiB: what retention fills, at most ${STORAGE_TARGET_PERCENT} % of a disk`,
    }),
    line('spark', `ec2/${spark.primaryType}`, 1),
    line('spark', `emr/${spark.primaryType}`, 1),
    line('spark', `ec2/${spark.coreType}`, nodes),
    line('spark', `emr/${spark.coreType}`, nodes),
    line('spark', 'ebs/gp3-gib', (nodes + 1) * spark.diskGiB),
    ...checkpointItems(config),
    line('druid', `ec2/${druid.instanceType}`, 1),
    line('druid', 'ebs/gp3-gib', druid.rootDiskGiB),
    line('airflow', `ec2/${airflow.instanceType}`, 1),
    line('airflow', 'ebs/gp3-gib', ROOT_DISK.host),
    line('superset', `ec2/${superset.instanceType}`, 1),
    line('superset', 'ebs/gp3-gib', ROOT_DISK.host),
    line('replay', `ec2/${replay.instanceType}`, replay.hosts),
    line('replay', 'ebs/gp3-gib', replay.hosts * replayDisk),
  ];
}

function natItems(config: GridConfig): Item[] {
  const count = natGateways(config);
  const address = line('network', 'vpc/public-ipv4', count, { of: 'of NAT' });
  return config.network.nat === 'instance'
    ? [
        line('network', `ec2/${NAT_INSTANCE_TYPE}`, count, { of: 'NAT instance' }),
        line('network', 'ebs/gp3-gib', count * NAT_DISK_GIB, { of: 'NAT instance' }),
        address,
      ]
    : [line('network', 'nat/gateway', count), address];
}

function operationsItems(config: GridConfig): Item[] {
  const { kafka, replay } = config;
  const hosts = 3 + replay.hosts;
  const alarms = COUNTS.alarms + COUNTS.alarmsOfBroker * kafka.brokers + COUNTS.alarmsOfProducer * replay.hosts;
  const logged = COUNTS.loggedMetrics + (replay.hosts > 0 ? COUNTS.loggedMetricsOfProducers : 0);
  const logs = logGb(config, hosts);
  return [
    line('network', 'nat/gb', config.network.nat === 'gateway' ? natGb(hosts, logs) : 0, {
      why: `${NAT_GB_PER_HOST} GB for each of ${hosts} hosts, and logs; assumed`,
    }),
    line('operations', 'cloudwatch/alarm', alarms),
    line('operations', 'cloudwatch/dashboard', COUNTS.dashboards),
    line('operations', 'cloudwatch/metric', logged + COUNTS.metricsOfHost * hosts + 1, {
      why: `${logged} of logs, ${COUNTS.metricsOfHost} of each of ${hosts} hosts, Druid's cache; MSK's level DEFAULT is free`,
    }),
    line('operations', 'cloudwatch/log-gb', logs, { why: 'lines of programs, brokers and systems; assumed' }),
  ];
}

/**
 * The seed's own topology at today's prices, on the types that it used: EMR no longer takes its m5.large, so this is
 * what the same machines would cost, not something that could be deployed.
 */
export function seedEstimate(): readonly Item[] {
  return [
    line('kafka', 'msk/kafka.m5.large', 3),
    line('spark', 'ec2/m5.large', 3),
    line('druid', 'ec2/i3.2xlarge', 1),
    line('replay', 'ec2/t2.xlarge', 4),
    line('airflow', 'ec2/t2.small', 1),
    line('superset', 'ec2/t2.medium', 1),
    line('network', 'nat/gateway', 1),
  ];
}
