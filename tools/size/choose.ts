/** Picks instances for a need, with headroom. */
import { type Capacity, HEADROOM, type Need, RESOURCES, useOf } from '../../lib/capacity/headroom.ts';
import type { Machine } from '../../lib/capacity/machines.ts';

export interface Fleet {
  readonly type: Machine;
  readonly count: number;
}

export interface Rules {
  readonly capacity: (type: Machine) => Capacity;
  /** USD an hour. */
  readonly price: (type: Machine) => number;
  /** @default 1 */
  readonly least?: number;
  /** @default no limit */
  readonly most?: number;
  /** Counts are multiples of it. @default 1 */
  readonly step?: number;
}

/**
 * The cheapest fleet of one type that fits; of two that cost the same, the one with fewer machines.
 *
 * @returns undefined when no fleet of at most `most` machines does.
 */
export function choose(need: Need, types: readonly Machine[], rules: Rules): Fleet | undefined {
  const { capacity, price, least = 1, most = Infinity, step = 1 } = rules;
  const fleets = types.flatMap((type): Fleet[] => {
    const use = useOf(need, capacity(type), 1);
    const wanted = Math.max(least, ...RESOURCES.map((one) => use[one] / HEADROOM[one]));
    const count = Math.ceil(wanted / step) * step;
    return count <= most ? [{ type, count }] : [];
  });
  const cost = ({ type, count }: Fleet): number => price(type) * count;
  return fleets.sort((a, b) => cost(a) - cost(b) || a.count - b.count)[0];
}
