/** The EC2 instance types that a configuration may name, and what each of them has: see the source in the data file. */
import { z } from 'zod';

import table from './instance-types.json' with { type: 'json' };

export type Architecture = 'amd64' | 'arm64';

/** A service that takes only some of EC2's types. RDS calls them classes, with the prefix `db.`. */
export type TypedService = 'emr' | 'rds';

export interface InstanceType {
  /** Such as m5.xlarge. */
  readonly name: string;
  readonly architecture: Architecture;
  readonly vcpus: number;
  readonly memoryMib: number;
  /** All disks of the instance store together, GB (10^9 bytes); 0 without one. */
  readonly storeGb: number;
  /** The services that take it beside EC2. */
  readonly services: ReadonlySet<TypedService>;
}

const tableSchema = z.object({
  families: z.record(
    z.string(),
    z.object({
      architecture: z.enum(['amd64', 'arm64']),
      sizes: z.record(z.string(), z.tuple([z.int(), z.int(), z.number(), z.enum(['', 'emr', 'rds', 'emr rds'])])),
    }),
  ),
});

const TYPES: ReadonlyMap<string, InstanceType> = new Map(
  Object.entries(tableSchema.parse(table).families).flatMap(([family, { architecture, sizes }]) =>
    Object.entries(sizes).map(([size, [vcpus, memoryMib, storeGb, services]]) => {
      const name = `${family}.${size}`;
      return [name, { name, architecture, vcpus, memoryMib, storeGb, services: new Set(named(services)) }] satisfies [
        string,
        InstanceType,
      ];
    }),
  ),
);

function named(services: string): TypedService[] {
  return (['emr', 'rds'] as const).filter((service) => services.split(' ').includes(service));
}

/** @returns undefined for a name that is not an EC2 instance type, or that the table does not know yet. */
export function instanceType(name: string): InstanceType | undefined {
  return TYPES.get(name);
}

/** The sizes of the family that `name` belongs to, such as ["m5.large", "m5.xlarge"]; empty for an unknown family. */
export function familyOf(name: string): string[] {
  const [family] = name.split('.');
  return [...TYPES.keys()].filter((known) => known.startsWith(`${family}.`));
}

/** Standard brokers, from "Amazon MSK broker sizes" in MSK's developer guide; `kafka.t3.small` takes no KRaft mode. */
export const BROKER_TYPES: readonly string[] = [
  ...['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', '24xlarge'].map(
    (size) => `kafka.m5.${size}`,
  ),
  ...['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'].map((size) => `kafka.m7g.${size}`),
];
