import type { GridConfigInput } from './schema.ts';

/**
 * Deployments by scale. `seed` is the schema's own defaults. The sizes of `district` and `city` are provisional: they
 * are hand-made multiples of the seed's, to be replaced by what the sizing tool computes from measurements.
 */
export const PRESETS = {
  /** A few houses at the lowest price that still has every part. */
  dev: {
    replay: { machines: 1, playbacksPerMachine: 2, instanceType: 't3.medium' },
    stream: { storageGiB: 20, maxStorageGiB: 100 },
    dutyCycle: { coreNodes: 1 },
    olap: { instanceType: 'm5d.xlarge' },
    database: { instanceType: 't4g.micro' },
    operations: { monthlyBudgetUsd: 1_500, logRetentionDays: 7 },
  },
  /** The seed's topology: 80 playbacks on four machines, about 10,000 appliances. */
  seed: {},
  /** About 100,000 appliances. Provisional. */
  district: {
    replay: { machines: 4, playbacksPerMachine: 200, instanceType: 't3.xlarge' },
    stream: {
      brokerType: 'kafka.m5.xlarge',
      storageGiB: 500,
      maxStorageGiB: 4_000,
      topics: { powerraw: { partitions: 12 }, dutycycle: { partitions: 12 }, history: { partitions: 12 } },
    },
    dutyCycle: { coreNodes: 4, coreType: 'm5.2xlarge', maxCoreNodes: 8, executorCores: 7, executorMemoryGiB: 20 },
    olap: { instanceType: 'i3.4xlarge', powerrawTasks: 4 },
    database: { instanceType: 't4g.medium', storageGiB: 50 },
    operations: { monthlyBudgetUsd: 8_000 },
  },
  /** About 1,000,000 appliances. Provisional. */
  city: {
    replay: { machines: 8, playbacksPerMachine: 1_000, instanceType: 'm5.2xlarge' },
    stream: {
      brokerType: 'kafka.m5.4xlarge',
      brokers: 6,
      storageGiB: 2_000,
      maxStorageGiB: 16_000,
      topics: { powerraw: { partitions: 48 }, dutycycle: { partitions: 24 }, history: { partitions: 24 } },
    },
    dutyCycle: { coreNodes: 8, coreType: 'm5.4xlarge', maxCoreNodes: 16, executorCores: 14, executorMemoryGiB: 40 },
    olap: { instanceType: 'i3.16xlarge', powerrawTasks: 24 },
    database: { instanceType: 'm7g.large', storageGiB: 100 },
    operations: { monthlyBudgetUsd: 30_000 },
  },
} as const satisfies Record<string, GridConfigInput>;

export type PresetName = keyof typeof PRESETS;

export const DEFAULT_PRESET: PresetName = 'seed';
