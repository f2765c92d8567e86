import type { GridConfigInput } from './schema.ts';
import sized from './sized-presets.json' with { type: 'json' };

/**
 * Deployments by scale. The machines of `seed`, `district` and `city` are what `npm run size` computes from measured
 * costs for 10,000, 100,000 and 1,000,000 appliances at the seed's ten readings a second each (tools/size); where the
 * schema's defaults, the seed's own topology, carry the load, they stay. What is not measured is said here.
 */
export const PRESETS = {
  /** A few houses at the lowest price that still has every part. */
  dev: {
    replay: { hosts: 1, playbacksPerHost: 2, instanceType: 't3.medium' },
    kafka: { storageGiB: 20, maxStorageGiB: 100 },
    spark: { coreNodes: 1 },
    druid: { instanceType: 'm5d.xlarge' },
    database: { instanceType: 't4g.micro' },
    operations: { monthlyBudgetUsd: 1_500, logRetentionDays: 7 },
  },
  /** About 10,000 appliances: 80 playbacks, the seed's topology. */
  seed: sized.seed,
  /** About 100,000 appliances. */
  district: {
    ...sized.district,
    database: { instanceType: 't4g.medium', storageGiB: 50 },
    operations: { monthlyBudgetUsd: 12_000 },
  },
  /** About 1,000,000 appliances, of which one Druid host carries a part: see docs/operate/sizing.md. */
  city: {
    ...sized.city,
    database: { instanceType: 'm7g.large', storageGiB: 100 },
    operations: { monthlyBudgetUsd: 60_000 },
  },
} as const satisfies Record<string, GridConfigInput>;

export type PresetName = keyof typeof PRESETS;

export const DEFAULT_PRESET: PresetName = 'seed';
