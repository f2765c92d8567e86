/**
 * What AWS' machine types hold, as its pages of instance types state it. A vCPU of these types is one of two threads of
 * a core. Types are those that tools/cost/prices.json has a price for.
 */

export interface InstanceSpec {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryGib: number;
  /** Network that is always there (AWS' baseline), Gbit/s. */
  readonly networkGbit: number;
  /** Instance store, GB. Default: none. */
  readonly diskGb?: number;
}

const m5 = (prefix: string): readonly InstanceSpec[] => [
  { name: `${prefix}m5.large`, vcpus: 2, memoryGib: 8, networkGbit: 0.75 },
  { name: `${prefix}m5.xlarge`, vcpus: 4, memoryGib: 16, networkGbit: 1.25 },
  { name: `${prefix}m5.2xlarge`, vcpus: 8, memoryGib: 32, networkGbit: 2.5 },
  { name: `${prefix}m5.4xlarge`, vcpus: 16, memoryGib: 64, networkGbit: 5 },
];

const of = (all: readonly InstanceSpec[], ...names: readonly string[]): readonly InstanceSpec[] =>
  all.filter(({ name }) => names.includes(name));

/** The types that a part may be made of, smallest first. */
export const INSTANCE_TYPES = {
  /** Not of the t family: a replay never rests, and would use its credits up. */
  replay: of(m5(''), 'm5.large', 'm5.xlarge', 'm5.2xlarge', 'm5.4xlarge'),
  broker: of(m5('kafka.'), 'kafka.m5.large', 'kafka.m5.xlarge', 'kafka.m5.4xlarge'),
  core: of(m5(''), 'm5.xlarge', 'm5.2xlarge', 'm5.4xlarge'),
  druid: [
    { name: 'i3.2xlarge', vcpus: 8, memoryGib: 61, networkGbit: 2.5, diskGb: 1_900 },
    { name: 'i3.4xlarge', vcpus: 16, memoryGib: 122, networkGbit: 5, diskGb: 3_800 },
    { name: 'i3.16xlarge', vcpus: 64, memoryGib: 488, networkGbit: 25, diskGb: 15_200 },
  ],
} as const satisfies Record<string, readonly InstanceSpec[]>;
