/** The deployments that tests look at; synthesised together, once in a run. */
import { checkConfig, loadConfig } from '../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../lib/config/presets.ts';
import type { GridConfig, GridConfigInput } from '../../lib/config/schema.ts';

export const PROD: GridConfigInput = { profile: 'prod', operations: { alarmEmail: 'operator@example.org' } };

export const NAMED_ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];

export const ROTATION = { certificates: 2, databasePasswords: 3 };

/** Of the examples, which stand at the repository's root. */
const SCHEMA = './docs/reference/configuration.schema.json';

export const OTHERS = {
  /** The seed's topology in the profile prod. */
  prod: PROD,
  /** The same as the preset, made again. */
  'seed-again': PRESETS.seed,
  /** With its EMR cluster recreated. */
  'second-cluster': { ...PRESETS.seed, spark: { ...PRESETS.seed.spark, clusterGeneration: 2 } },
  /** With another task of powerraw. */
  'more-tasks': { ...PRESETS.seed, druid: { ...PRESETS.seed.druid, powerrawTasks: 3 } },
  'named-place': { account: '123456789012', region: 'eu-central-1' },
  /** After two rotations, too. */
  'named-zones': { network: { availabilityZones: NAMED_ZONES }, rotation: ROTATION },
  /** Of docs/operate/deploy.md, "Configure". */
  documented: {
    $schema: SCHEMA,
    name: 'north',
    profile: 'prod',
    account: '123456789012',
    region: 'eu-central-1',
    network: { availabilityZones: NAMED_ZONES },
    kafka: { topics: { powerraw: { replication: 3, minInSyncReplicas: 2 } } },
    operations: { alarmEmail: 'grid@example.org' },
  },
  /** Of docs/operate/deploy.md, "Real meters". */
  'real-meters': { $schema: SCHEMA, speed: 1, replay: { hosts: 0 } },
  /** As in a rehearsal. */
  'open-kafka': {
    kafka: { auth: 'none' },
    spark: { mskIamAuth: { url: 's3://mirror/jars/msk-iam.jar', sha256: 'a'.repeat(64) } },
  },
} as const satisfies Record<string, GridConfigInput>;

export type DeploymentName = PresetName | keyof typeof OTHERS;

export const DEPLOYMENTS: Readonly<Record<DeploymentName, () => GridConfig>> = {
  ...record(Object.keys(PRESETS) as PresetName[], (preset) => loadConfig({ preset })),
  ...record(Object.keys(OTHERS) as (keyof typeof OTHERS)[], (name) => checkConfig(OTHERS[name])),
};

/** Those whose findings by cdk-nag must all be answered. */
export const NAGGED: readonly DeploymentName[] = ['seed', 'prod'];

function record<K extends string>(keys: readonly K[], make: (key: K) => GridConfig): Record<K, () => GridConfig> {
  return Object.fromEntries(keys.map((key) => [key, () => make(key)])) as Record<K, () => GridConfig>;
}
