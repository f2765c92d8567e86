/** What goes by use: traffic between zones, requests, logs, metrics, and what is free of them. */
import { keepingOf } from '../../lib/capacity/capacity.ts';
import type { Costs } from '../../lib/capacity/costs.ts';
import { druidGib, kafkaGib, type Load, topicBytes } from '../../lib/capacity/needs.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { farShare } from '../../lib/kafka/rack.ts';
import { STORAGE_TARGET_PERCENT } from '../../lib/kafka/storage-scaling.ts';
import { checkpointRequests, type Requests, statePartitions } from '../../lib/spark/checkpoint-requests.ts';
import { figure, type Item, line, SECONDS_PER_MONTH } from './item.ts';

/** What programs log, bytes a line and lines a second; brokers and hosts, GB a month each. Assumptions. */
const LOGS = { lineBytes: 500, canaryLines: 3, brokerGb: 1, hostGb: 0.3 } as const;

/** What a host fetches through NAT in a month, GB: packages at its boot, calls of AWS' APIs. An assumption. */
export const NAT_GB_PER_HOST = 3;

/** CloudWatch's "always free" tier of an account and region; another deployment in it has none left. */
const FREE = {
  'cloudwatch/alarm': 10,
  'cloudwatch/dashboard': 3,
  'cloudwatch/metric': 10,
  'cloudwatch/log-gb': 5,
} as const;

const gbAMonth = (bytesPerSecond: number): number => (bytesPerSecond * SECONDS_PER_MONTH) / 1e9;

/** GiB of each broker's disk once nothing grows any more: MSK keeps it below its target. */
export function brokerGib(config: GridConfig, load: Load | undefined, costs: Costs): number {
  const { kafka } = config;
  const kept = load ? kafkaGib(topicBytes(load, keepingOf(config).codec, costs), kafka.topics) : 0;
  const wanted = Math.ceil(kept / kafka.brokers / (STORAGE_TARGET_PERCENT / 100));
  return Math.min(kafka.maxStorageGiB, Math.max(kafka.storageGiB, wanted));
}

/** Traffic of Kafka's clients between zones; what brokers copy among themselves is free on MSK. */
export function trafficItems(config: GridConfig, load: Load, costs: Costs): Item[] {
  const { zones } = config.network;
  const { powerraw, dutycycle, history } = topicBytes(load, keepingOf(config).codec, costs);
  const otherZones = (zones - 1) / zones;
  const read = farShare(config);
  const leaders = `leaders are in ${zones} zones`;
  const copies = `${config.kafka.topics.powerraw.replication} copies in ${zones} zones, the near one is read`;
  const crossing = (part: string, of: string, bytes: number, share: number, why: string): Item => {
    const gb = gbAMonth(bytes);
    return line(part, 'traffic/cross-zone-gb', gb * share, {
      of,
      why: `${figure(gb)} GB a month, of which ${figure(share * 100)} % cross zones: ${why}`,
    });
  };
  return [
    crossing('kafka', 'readings from producers', powerraw, otherZones, leaders),
    crossing('kafka', 'duty cycles from Spark, history from Airflow', dutycycle + history, otherZones, leaders),
    crossing('spark', 'readings to Spark', powerraw, read, copies),
    crossing('druid', 'all topics to Druid', powerraw + dutycycle + history, read, copies),
  ];
}

/** Of the checkpoint, in both classes of price. */
export function checkpointItems({ spark }: GridConfig): Item[] {
  const partitions = statePartitions(spark);
  const { batch, minute } = checkpointRequests(partitions, 'fewest');
  const batches = SECONDS_PER_MONTH / spark.batchSeconds;
  const minutes = SECONDS_PER_MONTH / 60;
  const of = (kind: keyof Requests): Item =>
    line('spark', `s3/${kind}`, batch[kind] * batches + minute[kind] * minutes, {
      of: 'checkpoint',
      why: `${figure(batch[kind])} requests a batch, of ${partitions} partitions, each ${spark.batchSeconds} s, and ${minute[kind]} a minute`,
    });
  return [of('put'), of('get')];
}

/** Deep storage: what Druid serves, once. */
export function segmentsItem(config: GridConfig, load: Load, costs: Costs): Item {
  const days = config.druid.retentionDays;
  const gb = (druidGib(load, days, costs) * 2 ** 30) / 1e9;
  return line('druid', 's3/storage-gb', gb, { of: 'segments', why: `${days} days of rows` });
}

/** RDS keeps as much of backups for nothing as the database's own disk; a day is taken to change a tenth of it. */
export function backupItem(storageGiB: number, days: number): Item {
  const kept = storageGiB * (1 + 0.1 * Math.max(0, days - 1));
  const free = storageGiB;
  return line('foundation', 'rds/backup-gib', days === 0 ? 0 : Math.max(0, kept - free), {
    why: `${days} days of snapshots, of which the size of the disk is free`,
  });
}

export function logGb({ replay, spark, kafka }: GridConfig, hosts: number): number {
  const lines = replay.hosts + 1 / spark.batchSeconds + LOGS.canaryLines;
  return gbAMonth(lines * LOGS.lineBytes) + kafka.brokers * LOGS.brokerGb + hosts * LOGS.hostGb;
}

export function natGb(hosts: number, logs: number): number {
  return hosts * NAT_GB_PER_HOST + logs;
}

/** What is free of the items, as lines with a negative price. */
export function freeItems(items: readonly Item[]): Item[] {
  return Object.entries(FREE).map(([price, most]) => {
    const used = items.filter((item) => item.price === price).reduce((sum, { count }) => sum + count, 0);
    const free = line('operations', price, Math.min(used, most), { of: 'free tier of the account' });
    return { ...free, count: -free.count, usd: -free.usd, formula: `- ${free.formula}` };
  });
}
