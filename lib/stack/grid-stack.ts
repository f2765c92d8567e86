import { Fn, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { environmentTag } from '../config/derive.ts';
import { AVAILABILITY_ZONES, type GridConfig } from '../config/schema.ts';

/** The parts of the grid, each a stack, in the order in which they are deployed. */
export const PARTS = [
  'network',
  'downloads',
  'foundation',
  'kafka',
  'spark',
  'druid',
  'airflow',
  'superset',
  'replay',
  'operations',
] as const;

export type Part = (typeof PARTS)[number];

export interface GridStackProps {
  readonly config: GridConfig;
  /** One sentence for the console. */
  readonly description: string;
}

/** A stack of one part: names, tags, protection and zones as the configuration says. */
export class GridStack extends Stack {
  readonly #zones: readonly string[] | undefined;

  constructor(scope: Construct, part: Part, props: GridStackProps) {
    const { config } = props;
    super(scope, part, {
      stackName: `${config.name}-${part}`,
      description: props.description,
      terminationProtection: config.profile === 'prod',
      ...(config.account !== undefined && config.region !== undefined
        ? { env: { account: config.account, region: config.region } }
        : {}),
    });
    this.#zones = config.network.availabilityZones;
    Tags.of(this).add('project', config.name);
    Tags.of(this).add('environment', environmentTag(config));
    Tags.of(this).add('cost-centre', config.tags.costCentre);
  }

  /**
   * The three zones that the configuration names, or the region's first three. CDK's own answer would be two zones
   * without an account and a region, and a look-up (which needs credentials at synth) with them.
   */
  override get availabilityZones(): string[] {
    return this.#zones
      ? [...this.#zones]
      : Array.from({ length: AVAILABILITY_ZONES }, (_, index) => Fn.select(index, Fn.getAzs()));
  }
}
