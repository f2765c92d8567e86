/** Machines that carry a need with room to spare. */
import type { InstanceSpec } from './instance-types.ts';
import type { Need } from './needs.ts';

/** How much of a machine may be in use at the load that it is made for: the rest is for peaks, restarts and catching up. */
export const HEADROOM = { cores: 0.5, memory: 0.75, disk: 0.7, network: 0.5 } as const;

/** What of a machine a part can use. */
export interface Capacity {
  readonly cores: number;
  readonly memoryGib: number;
  /** Infinity where disks are chosen apart from machines. */
  readonly diskGib: number;
  readonly networkGbit: number;
}

export type Resource = keyof typeof HEADROOM;

/** How full machines are, as a share of what they have. */
export type Use = Readonly<Record<Resource, number>>;

export interface Fleet<Type extends InstanceSpec> {
  readonly type: Type;
  readonly count: number;
}

export interface Rules<Type extends InstanceSpec> {
  readonly capacity: (type: Type) => Capacity;
  /** USD an hour. */
  readonly price: (type: Type) => number;
  /** @default 1 */
  readonly least?: number;
  /** @default no limit */
  readonly most?: number;
  /** Counts are multiples of it. @default 1 */
  readonly step?: number;
}

export function useOf(need: Need, capacity: Capacity, count: number): Use {
  return {
    cores: need.cores / (capacity.cores * count),
    memory: need.memoryGib / (capacity.memoryGib * count),
    disk: need.diskGib / (capacity.diskGib * count),
    network: need.networkGbit / (capacity.networkGbit * count),
  };
}

export function fits(use: Use): boolean {
  return (Object.keys(HEADROOM) as Resource[]).every((resource) => use[resource] <= HEADROOM[resource]);
}

/**
 * The cheapest fleet of one type that fits; of two that cost the same, the one with fewer machines.
 *
 * @returns undefined when no fleet of at most `most` machines does.
 */
export function choose<Type extends InstanceSpec>(
  need: Need,
  types: readonly Type[],
  rules: Rules<Type>,
): Fleet<Type> | undefined {
  const { capacity, price, least = 1, most = Infinity, step = 1 } = rules;
  const fleets = types.flatMap((type): Fleet<Type>[] => {
    const use = useOf(need, capacity(type), 1);
    const wanted = Math.max(least, ...(Object.keys(HEADROOM) as Resource[]).map((one) => use[one] / HEADROOM[one]));
    const count = Math.ceil(wanted / step) * step;
    return count <= most ? [{ type, count }] : [];
  });
  const cost = ({ type, count }: Fleet<Type>): number => price(type) * count;
  return fleets.sort((a, b) => cost(a) - cost(b) || a.count - b.count)[0];
}
