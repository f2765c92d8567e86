/**
 * Everything about a deployment that may be chosen, in one schema: the defaults are the seed's topology on the types
 * that AWS takes today. What follows from other values is not here but in `derive.ts`. docs/reference/configuration.md
 * and configuration.schema.json beside it are generated from it (`npm run docs`).
 */
import { z } from 'zod';

import { DEFAULT_SPEED, SPEED_RANGE } from '../../src/core/clock/grid-clock.ts';
import { druid } from './fields/druid.ts';
import { airflow, hosts, superset } from './fields/hosts.ts';
import { kafka } from './fields/kafka.ts';
import { network } from './fields/network.ts';
import { database, operations, rotation } from './fields/operations.ts';
import { replay } from './fields/replay.ts';
import { spark } from './fields/spark.ts';
import { text } from './fields/values.ts';

export { AVAILABILITY_ZONES } from './fields/network.ts';

/** A tag's value as AWS takes it, from "Tag naming limits and requirements" of the tagging guide. */
const tagValue = text(
  /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,64}$/u,
  '1 to 64 letters, digits, spaces or any of _ . : / = + - @',
);

/** Every field by itself; grid-config.ts checks them together. */
export const fields = z.strictObject({
  $schema: z.string().optional().meta({
    description: 'Path or address of the JSON Schema, for editors. Has no effect on a deployment.',
    allowed: 'path or URL',
    otherwise: 'none',
  }),
  name: text(/^[a-z][a-z0-9-]{1,18}[a-z0-9]$/, '3 to 20 lower-case letters, digits and dashes, a letter first')
    .default('igrid')
    .meta({
      description: 'Prefix of every name in AWS: two deployments in one account and region need two names.',
    }),
  profile: z.enum(['dev', 'prod']).default('dev').meta({
    description:
      '`dev`: everything is deleted with the stacks. `prod`: data outlive the stacks, and every part that can is in several zones.',
  }),
  account: text(/^\d{12}$/, '12 digits')
    .optional()
    .meta({
      description: 'AWS account. Given together with `region`, or neither.',
      otherwise: 'the account of the credentials at deployment',
    }),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1')
    .optional()
    .meta({
      description: 'AWS region. Given together with `account`, or neither.',
      otherwise: 'the region that the AWS CLI is set to at deployment',
    }),
  tags: z
    .strictObject({
      environment: tagValue.optional().meta({ description: 'Tag `environment`.', otherwise: 'the profile' }),
      costCentre: tagValue.default('grid-operations').meta({ description: 'Tag `cost-centre`.' }),
    })
    .prefault({})
    .meta({ description: 'Values of tags on all resources.' }),
  speed: z.number().min(SPEED_RANGE.min).max(SPEED_RANGE.max).default(DEFAULT_SPEED).meta({
    description: 'Grid seconds per second of the clock: 1 for real meters.',
    unit: 'grid seconds per second',
  }),
  network,
  kafka,
  replay,
  spark,
  database,
  druid,
  airflow,
  superset,
  hosts,
  rotation,
  operations,
});

/** A complete, checked configuration. */
export type GridConfig = z.output<typeof fields>;

/** What a file or a preset may hold: everything is optional. */
export type GridConfigInput = z.input<typeof fields>;
