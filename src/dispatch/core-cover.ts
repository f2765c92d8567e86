/**
 * Where greedy is wrong, it is wrong about the last it chose and the next it would have. This searches such a core: an
 * exact covering over watt steps, house by house, so that the caps on houses hold.
 */
import { type Cover, coverOf, type Goal, type Pool, type Room } from './pool.ts';

/** The core: so many of the chosen, and so many that come next in order. */
export const CORE_CHOSEN = 12;
const NEXT = 60;

/** Steps between nothing and what the core must add. */
const STEPS = 2_000;

export interface CoreInput {
  readonly pool: Pool;
  readonly goal: Goal;
  readonly room: Room;
  /** What each candidate adds to the promise near `variance`, W. */
  readonly weights: Float64Array;
  /** What each candidate costs, with what its use of scarce caps is worth. */
  readonly charges: Float64Array;
  /** By charge per weight. */
  readonly order: Uint32Array;
  /** The total variance at which the weights hold, W². */
  readonly variance: number;
  /** The chosen that stay, and those that may be replaced. */
  readonly kept: readonly number[];
  readonly open: readonly number[];
}

/** What may be called of one house: one candidate of the core, or two. */
interface Option {
  readonly positions: readonly number[];
  readonly cost: number;
  readonly weight: number;
  readonly switched: number;
  readonly rebound: number;
}

/** Ways to reach a step, cheapest only. */
interface Steps {
  readonly cost: Float64Array;
  readonly weight: Float64Array;
  readonly switched: Float64Array;
  readonly rebound: Float64Array;
}

/** The cheapest cover that keeps what must stay; undefined when the core has none. `room` is left as it was. */
export function coreCover(input: CoreInput): Cover | undefined {
  const { pool, goal, room, kept } = input;
  for (const at of kept) {
    room.take(pool, at);
  }
  const found = search(input);
  for (const at of kept) {
    room.giveBack(pool, at);
  }
  return found && coverOf(pool, goal, [...kept, ...found]);
}

function search(input: CoreInput): number[] | undefined {
  const { pool, goal, room, variance, kept } = input;
  // Tangent of the square root at `variance`: what the weights of a whole cover must add up to.
  const needed = goal.targetW + (goal.z * Math.sqrt(variance)) / 2;
  const slope = variance > 0 ? goal.z / (2 * Math.sqrt(variance)) : 0;
  const given = (1 - goal.commonMargin) * goal.expectedW - slope * goal.variance;
  const missing = needed - given - kept.reduce((sum, at) => sum + (input.weights[at] ?? 0), 0);
  if (!(missing > 0)) {
    return [];
  }

  const houses = [...groupByHouse(pool, core(input)).values()].map((positions) => optionsOf(input, positions));
  const stepW = missing / STEPS;
  const stepOf = (weight: number): number =>
    weight >= missing ? STEPS : Math.min(STEPS - 1, Math.floor(weight / stepW));
  const width = STEPS + 1;
  const { from, via } = scratch;
  via.fill(0, 0, houses.length * width);
  const bound = boundOf(input, houses, missing);
  let [steps, next] = [scratch.steps, scratch.next];
  steps.cost.fill(Infinity);
  steps.cost[0] = 0;
  steps.weight[0] = 0;
  steps.switched[0] = 0;
  steps.rebound[0] = 0;
  for (const [house, options] of houses.entries()) {
    copyTo(next, steps);
    const ratio = bound.ratios[house] ?? 0;
    const row = house * width;
    for (let step = 0; step < STEPS; step += 1) {
      const cost = steps.cost[step] ?? Infinity;
      // What it still needs costs at least the best ratio of the houses that are left.
      if (cost + (missing - (steps.weight[step] ?? 0)) * ratio > bound.cost) {
        continue;
      }
      for (const [index, option] of options.entries()) {
        const switched = (steps.switched[step] ?? 0) + option.switched;
        const rebound = (steps.rebound[step] ?? 0) + option.rebound;
        if (switched > room.eventW || rebound > room.reboundW) {
          continue;
        }
        const weight = (steps.weight[step] ?? 0) + option.weight;
        const to = stepOf(weight);
        const total = cost + option.cost;
        const known = next.cost[to] ?? Infinity;
        if (total > known || (total === known && weight <= (next.weight[to] ?? 0))) {
          continue;
        }
        next.cost[to] = total;
        next.weight[to] = weight;
        next.switched[to] = switched;
        next.rebound[to] = rebound;
        from[row + to] = step;
        via[row + to] = index + 1;
      }
    }
    [steps, next] = [next, steps];
  }
  if (steps.cost[STEPS] === Infinity) {
    return undefined;
  }
  const chosen: number[] = [];
  for (let house = houses.length - 1, step = STEPS; house >= 0; house -= 1) {
    const at = house * width + step;
    const option = via[at] ?? 0;
    if (option === 0) {
      continue;
    }
    chosen.push(...(houses[house]?.[option - 1]?.positions ?? []));
    step = from[at] ?? 0;
  }
  return chosen.reverse();
}

/**
 * What the search need not exceed: the charges of the open ones, when they are enough; and by house the least charge per
 * weight that it or a later one offers. A cover beyond that is not cheaper than the one that is there.
 */
function boundOf(
  { weights, charges, open }: CoreInput,
  houses: readonly (readonly Option[])[],
  missing: number,
): { readonly cost: number; readonly ratios: readonly number[] } {
  const sum = (of: Float64Array): number => open.reduce((total, at) => total + (of[at] ?? 0), 0);
  // Charges are added up in another order here.
  const cost = sum(weights) >= missing ? sum(charges) * (1 + 1e-9) : Number.MAX_VALUE;
  const ratios: number[] = [];
  let least = Infinity;
  for (const options of [...houses].reverse()) {
    for (const { cost: charge, weight } of options) {
      least = Math.min(least, charge / weight);
    }
    ratios.unshift(least);
  }
  return { cost, ratios };
}

/** The open ones, and the next in order that would fit. */
function core({ pool, room, weights, order, kept, open }: CoreInput): number[] {
  const taken = new Set([...kept, ...open]);
  const next: number[] = [];
  for (const at of order) {
    if (next.length === NEXT || !((weights[at] ?? 0) > 0)) {
      break;
    }
    if (!taken.has(at) && room.block(pool, at) === undefined) {
      next.push(at);
    }
  }
  return [...open, ...next].filter((at) => (weights[at] ?? 0) > 0);
}

function groupByHouse(pool: Pool, positions: readonly number[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const at of positions) {
    const house = pool.house[at] ?? 0;
    const group = groups.get(house);
    if (group) {
      group.push(at);
    } else {
      groups.set(house, [at]);
    }
  }
  return groups;
}

function optionsOf(input: CoreInput, positions: readonly number[]): Option[] {
  const { pool, room } = input;
  const singles = positions.map((at) => optionOf(input, [at]));
  const house = pool.house[positions[0] ?? 0] ?? 0;
  if (room.houseCount(house) < 2) {
    return singles;
  }
  const pairs = positions.flatMap((a, index) => positions.slice(index + 1).map((b) => optionOf(input, [a, b])));
  return [...singles, ...pairs.filter(({ switched }) => switched <= room.houseW(house))];
}

function optionOf({ pool, weights, charges }: CoreInput, positions: readonly number[]): Option {
  const sum = (of: Float64Array): number => positions.reduce((total, at) => total + (of[at] ?? 0), 0);
  return {
    positions,
    cost: sum(charges),
    weight: sum(weights),
    switched: sum(pool.switched),
    rebound: sum(pool.rebound),
  };
}

function unreached(): Steps {
  const column = (): Float64Array => new Float64Array(STEPS + 1);
  return { cost: column(), weight: column(), switched: column(), rebound: column() };
}

function copyTo(to: Steps, from: Steps): void {
  to.cost.set(from.cost);
  to.weight.set(from.weight);
  to.switched.set(from.switched);
  to.rebound.set(from.rebound);
}

/** A plan searches hundreds of cores: they share this. A search ends before the next begins. */
const scratch = {
  steps: unreached(),
  next: unreached(),
  /** By house of the core and step: the step before, and the option that led here, counted from 1. */
  from: new Uint16Array((CORE_CHOSEN + NEXT) * (STEPS + 1)),
  via: new Uint16Array((CORE_CHOSEN + NEXT) * (STEPS + 1)),
};
