/**
 * What AWS' machine types carry, in cores of the machine that the costs were measured on.
 *
 * The measuring machine is an AMD EPYC 9004 ("Genoa", Zen 4). AWS sells the same processor as m7a, c7a and r7a, with a
 * core for each vCPU, so their factor is 1. The others follow from what AWS says of its own generations ("up to"), and
 * from how its guide for Graviton describes vCPUs: a vCPU of Graviton and of m7a is a core, one of the other families is
 * one of two hyper-threads of a core. None of these factors has been measured by this project.
 */
import { z } from 'zod';

import { instanceType } from '../config/instance-types.ts';
import factorsJson from './vcpu-factors.json' with { type: 'json' };

const familySchema = z.object({
  factor: z.number().positive(),
  gbitPerVcpu: z.number().positive(),
  source: z.string(),
});

const factorsSchema = z.object({
  families: z.record(z.string(), familySchema),
  /** Of families that the table does not have: as slow as the slowest. */
  unknown: familySchema,
  /** T types: share of a vCPU that is always there, and Gbit/s of the machine that are. */
  bursting: z.record(z.string(), z.object({ share: z.number().positive(), gbit: z.number().positive() })),
});

const FACTORS = factorsSchema.parse(factorsJson);

export interface Machine {
  readonly name: string;
  readonly vcpus: number;
  /** vCPUs in cores of the measuring machine; of a bursting type those that are always there. */
  readonly cores: number;
  readonly memoryGib: number;
  /** Network that is always there (AWS' baseline), Gbit/s. */
  readonly networkGbit: number;
  /** Instance store, GiB; 0 without one. */
  readonly storeGib: number;
}

/** How much of a measured core a vCPU of the type is, while all its vCPUs work. */
export function vcpuFactor(name: string): number {
  return familyOf(name).factor;
}

/**
 * @param name of an EC2 type or, with its prefix, of a broker type.
 * @throws RangeError for a type that lib/config/instance-types.json does not have.
 */
export function machineOf(name: string): Machine {
  const type = instanceType(name.replace(/^kafka\./, ''));
  if (!type) {
    throw new RangeError(`${name}: lib/config/instance-types.json does not have this type`);
  }
  const { factor, gbitPerVcpu } = familyOf(type.name);
  const bursting = FACTORS.bursting[type.name];
  return {
    name,
    vcpus: type.vcpus,
    cores: type.vcpus * factor * (bursting?.share ?? 1),
    memoryGib: type.memoryMib / 1_024,
    networkGbit: bursting?.gbit ?? type.vcpus * gbitPerVcpu,
    storeGib: (type.storeGb * 1e9) / 2 ** 30,
  };
}

function familyOf(name: string): z.output<typeof familySchema> {
  const family = name.replace(/^kafka\./, '').split('.')[0] ?? '';
  return FACTORS.families[family] ?? FACTORS.unknown;
}
