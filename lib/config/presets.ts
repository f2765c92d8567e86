import type { GridConfigInput } from './schema.ts';

/** Hours that every topic but the dead letters is kept. */
const kept = (hours: number) => ({
  powerraw: { retentionHours: hours },
  dutycycle: { retentionHours: hours },
  history: { retentionHours: hours },
});

/**
 * Deployments by scale, each with the load that it is made for. Machines are chosen by hand; synthesis checks that they
 * carry the load (lib/capacity), and a test that they cost no more than the goals of docs/operate/cost.md.
 */
export const PRESETS = {
  /** A few houses at the lowest price that still has every part. Brokers in KRaft mode begin at m7g.large. */
  dev: {
    network: { zones: 2 },
    replay: { hosts: 1, playbacksPerHost: 2, instanceType: 't3a.micro' },
    kafka: { brokerType: 'kafka.m7g.large', brokers: 2, storageGiB: 10, maxStorageGiB: 100, topics: kept(12) },
    // EMR's smallest type of Graviton; batches of 15 s, for a fifteenth of the requests.
    spark: {
      ...{ primaryType: 'm6g.xlarge', coreNodes: 0, diskGiB: 32, batchSeconds: 15 },
      ...{ executorCores: 2, executorMemoryGiB: 4 },
    },
    druid: { instanceType: 't3a.large', rootDiskGiB: 30, retentionDays: 5 },
    airflow: { instanceType: 't3a.medium' },
    superset: { instanceType: 't3a.small' },
    database: { instanceType: 't4g.micro' },
    operations: { monthlyBudgetUsd: 800, logRetentionDays: 7 },
  },
  /** About 10,000 appliances, 100,000 readings/s, at the lowest price. */
  lean: {
    // A NAT instance for 7 USD in place of a gateway for 37.
    network: { zones: 2, nat: 'instance' },
    replay: { hosts: 1, playbacksPerHost: 80, instanceType: 't3a.small' },
    kafka: { brokerType: 'kafka.m7g.large', brokers: 2, storageGiB: 100, maxStorageGiB: 300, topics: kept(12) },
    // Long batches: requests of the checkpoint cost 9 USD a month at 30 s, 25 at 10 s.
    spark: {
      ...{ primaryType: 'm6g.xlarge', coreNodes: 0, diskGiB: 32, batchSeconds: 30 },
      ...{ executorCores: 2, executorMemoryGiB: 6 },
    },
    // Two cores and no instance store: segments are cached on the root disk.
    druid: { instanceType: 'm7a.large', rootDiskGiB: 42, retentionDays: 2, powerrawTasks: 2 },
    airflow: { instanceType: 't3a.medium' },
    superset: { instanceType: 't3a.small' },
    database: { instanceType: 't4g.micro' },
    operations: { monthlyBudgetUsd: 900, logRetentionDays: 7 },
  },
  /** About 10,000 appliances, 100,000 readings/s, on the seed's shape: MSK, EMR with core nodes, the i3 host. */
  seed: {
    replay: { hosts: 1, playbacksPerHost: 80, instanceType: 't3a.small' },
    kafka: { storageGiB: 100, topics: kept(24) },
    spark: { batchSeconds: 5, executorMemoryGiB: 9 },
    druid: { powerrawTasks: 4 },
    operations: { monthlyBudgetUsd: 2_500 },
  },
  /** About 100,000 appliances, 1,000,000 readings/s. */
  district: {
    network: { zones: 2 },
    replay: { hosts: 1, playbacksPerHost: 800, instanceType: 'c6a.large' },
    kafka: {
      ...{ brokerType: 'kafka.m7g.large', brokers: 4, storageGiB: 500, maxStorageGiB: 1_500 },
      topics: { ...kept(12), powerraw: { partitions: 18, retentionHours: 12 } },
    },
    spark: {
      ...{ primaryType: 'c7g.4xlarge', coreNodes: 0, diskGiB: 32, batchSeconds: 10 },
      ...{ executorCores: 12, executorMemoryGiB: 18, maxOffsetsPerTrigger: 30_000_000 },
    },
    druid: { instanceType: 'm7a.4xlarge', rootDiskGiB: 235, retentionDays: 2, powerrawTasks: 16 },
    airflow: { instanceType: 't3a.medium' },
    superset: { instanceType: 't3a.small' },
    database: { instanceType: 't4g.micro' },
    operations: { monthlyBudgetUsd: 3_500 },
  },
  /** About 1,000,000 appliances, 10,000,000 readings/s. One Druid host can't carry them: synthesis refuses them. */
  city: {
    replay: { hosts: 4, playbacksPerHost: 2_000, instanceType: 'm7a.xlarge' },
    kafka: {
      ...{ brokerType: 'kafka.m7g.4xlarge', brokers: 6, storageGiB: 2_000, maxStorageGiB: 8_000 },
      topics: { ...kept(12), powerraw: { partitions: 72, replication: 3, minInSyncReplicas: 2, retentionHours: 12 } },
    },
    spark: {
      ...{ primaryType: 'm7g.xlarge', coreType: 'm7g.4xlarge', coreNodes: 12, batchSeconds: 5 },
      ...{ executorCores: 15, executorMemoryGiB: 46, maxOffsetsPerTrigger: 150_000_000 },
    },
    druid: { instanceType: 'i3.16xlarge', powerrawTasks: 64 },
    database: { instanceType: 'm7g.large', storageGiB: 100 },
    operations: { monthlyBudgetUsd: 60_000 },
  },
} as const satisfies Record<string, GridConfigInput>;

export type PresetName = keyof typeof PRESETS;

export const DEFAULT_PRESET: PresetName = 'seed';

/** USD a month that a preset may cost, all in. A test holds the estimate to it. */
export const PRICE_LIMITS: Readonly<Partial<Record<PresetName, number>>> = { dev: 650, lean: 700, district: 2_700 };
