/**
 * Chooses the cheapest candidates that promise a target: a covering knapsack with side conditions, in which the promise
 * falls with the square root of the variance. NP-hard, and easy at this size: greedy by cost per watt, then an exact
 * search among the last chosen and the next best, where what greedy gives away lies.
 */
import { CORE_CHOSEN, coreCover } from './core-cover.ts';
import { EXACT_UP_TO, exactCover } from './exact-cover.ts';
import { type Cover, coverOf, type Goal, type Pool, promiseOf, type Room } from './pool.ts';
import { orderOf } from './score-order.ts';

/** Beyond so many, an exact search among the last of them changes the cost by less than one part in a thousand. */
const FEW = 400;

/** Cores that are searched after each correction, {@link CORE_CHOSEN} of the chosen in each. */
const TURNS = 8;

/** Of so many the variance is uncertain: weights are tried at these multiples of the last solution's. */
const HANDFUL = 24;
const TANGENTS = [1, 0.6, 1.6];

/** So many of the priced walks, the cheapest, lead searches of cores. */
const SEARCHED = 4;

/** How often weights are corrected by the variance of the last solution. */
const ROUNDS = 3;

/** Which caps have a price, and the prices that are tried: powers of two, in the cost of what greedy chose without. */
const PRICED: readonly Prices[] = [
  { event: 1, rebound: 0 },
  { event: 0, rebound: 1 },
  { event: 1, rebound: 1 },
];
const PRICE_POWERS = [-3, -2, -1, 0, 1, 2, 4];

/** What a cap's whole room costs: so that the scarce is left to what makes most of it. */
interface Prices {
  readonly event: number;
  readonly rebound: number;
}
const FREE: Prices = { event: 0, rebound: 0 };

/** The caps that a pool is chosen within. */
interface Search {
  readonly pool: Pool;
  readonly goal: Goal;
  readonly room: Room;
  /** 1 for those who fit as long as nobody is chosen: what never fits says nothing about scarcity. */
  readonly couldFit: Uint8Array;
}

/** A greedy solution and the order that gave it. */
interface Walked {
  readonly cover: Cover;
  readonly weights: Float64Array;
  /** Cost and what the use of caps is charged. */
  readonly charges: Float64Array;
  readonly order: Uint32Array;
  /** The total variance at which the weights hold, W². */
  readonly variance: number;
}

/**
 * The cheapest cover that was found; the one that promises most when none is enough. `room` is left as it was.
 *
 * Exact up to {@link EXACT_UP_TO} candidates.
 */
export function cover(pool: Pool, goal: Goal, room: Room): Cover {
  if (promiseOf(goal, goal.expectedW, goal.variance) >= goal.targetW) {
    return coverOf(pool, goal, []);
  }
  if (pool.length <= EXACT_UP_TO) {
    return exactCover(pool, goal, room);
  }
  const couldFit = Uint8Array.from(pool.index, (_, at) => Number(room.block(pool, at) === undefined));
  const search: Search = { pool, goal, room, couldFit };
  const first = orderOf(Float32Array.from(pool.cost, (cost, at) => cost / (pool.expected[at] ?? 0)));
  const greedy = walk(search, first);
  let best = greedy.isEnough ? greedy : most(search, first);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { cost, isEnough } = best;
    // Of few, another choice may have quite another variance.
    const tangents = best.chosen.length <= HANDFUL ? TANGENTS : [1];
    const walks = tangents.flatMap((factor) => pricedWalks(search, cost, factor * best.variance));
    for (const walked of walks) {
      best = cheaper(best, walked.cover);
    }
    if (!best.isEnough) {
      break;
    }
    const isFew = best.chosen.length <= FEW;
    for (const walked of isFew ? walks : walks.slice(0, 1)) {
      best = improved(search, walked, best);
    }
    if ((best.cost === cost && isEnough) || !isFew) {
      break;
    }
  }
  return best;
}

function cheaper(best: Cover, other: Cover | undefined): Cover {
  return other?.isEnough && (!best.isEnough || other.cost < best.cost) ? other : best;
}

/** The last chosen by score are searched with the next; where few are chosen, those before them as well, in turns. */
function improved(search: Search, { weights, charges, order, variance }: Walked, found: Cover): Cover {
  let best = found;
  const rank = new Uint32Array(order.length);
  for (const [place, at] of order.entries()) {
    rank[at] = place;
  }
  for (let turn = 0; turn * CORE_CHOSEN < best.chosen.length && turn < TURNS; turn += 1) {
    const chosen = [...best.chosen].sort((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0));
    const end = chosen.length - turn * CORE_CHOSEN;
    const open = chosen.slice(Math.max(0, end - CORE_CHOSEN), end);
    const kept = chosen.filter((_, index) => index < end - CORE_CHOSEN || index >= end);
    best = cheaper(best, coreCover({ ...search, weights, charges, order, variance, kept, open }));
    if (best.chosen.length > FEW) {
      break;
    }
  }
  return best;
}

/**
 * Greedy by cost per watt of promise near a total variance. Where it meets a cap, what is scarce gets a price,
 * and greedy walks again at each of several.
 */
function pricedWalks(search: Search, cost: number, variance: number): Walked[] {
  const weights = weightsAt(search, variance);
  const at = (prices: Prices): Walked & { isCapped: boolean } => {
    const charges = chargesOf(search, prices);
    const order = orderOf(scoresOf(charges, weights));
    const { isCapped, ...found } = walk(search, order);
    return { cover: found, weights, charges, order, variance, isCapped };
  };
  const free = at(FREE);
  if (!free.isCapped) {
    return [free];
  }
  const priced = PRICED.flatMap(({ event, rebound }) =>
    PRICE_POWERS.map((power) => at({ event: cost * 2 ** power * event, rebound: cost * 2 ** power * rebound })),
  );
  // Of walks that end in the same cover, the one with the lowest prices.
  const byCost = new Map(priced.reverse().map((one) => [one.cover.isEnough ? one.cover.cost : Infinity, one]));
  const cheapest = [...byCost].sort(([a], [b]) => a - b).slice(0, SEARCHED);
  return [free, ...cheapest.map(([, one]) => one)];
}

/** In order, whatever fits, until the target is promised; capped when the event or its rebound left someone out. */
function walk({ pool, goal, room, couldFit }: Search, order: Uint32Array): Cover & { isCapped: boolean } {
  let isCapped = false;
  const chosen: number[] = [];
  let [expectedW, variance] = [goal.expectedW, goal.variance];
  for (const at of order) {
    if (promiseOf(goal, expectedW, variance) >= goal.targetW) {
      break;
    }
    const block = room.block(pool, at);
    if (block !== undefined) {
      isCapped ||= block !== 'house_cap' && couldFit[at] === 1;
      continue;
    }
    room.take(pool, at);
    chosen.push(at);
    expectedW += pool.expected[at] ?? 0;
    variance += pool.variance[at] ?? 0;
  }
  for (const at of chosen) {
    room.giveBack(pool, at);
  }
  return { ...coverOf(pool, goal, chosen), isCapped };
}

/**
 * The most that can be promised, when no cover is enough: the best beginning of the order, and of the order by variance
 * per watt, which without caps holds the optimum.
 */
function most(search: Search, order: Uint32Array): Cover {
  const { pool, goal } = search;
  const byVariance = orderOf(Float32Array.from(pool.variance, (variance, at) => variance / (pool.expected[at] ?? 0)));
  const [a, b] = [bestBeginning(search, byVariance), bestBeginning(search, order)];
  const promised = (one: Cover): number => promiseOf(goal, one.expectedW, one.variance);
  return promised(b) > promised(a) ? b : a;
}

function bestBeginning({ pool, goal, room }: Search, order: Uint32Array): Cover {
  const chosen: number[] = [];
  let [expectedW, variance] = [goal.expectedW, goal.variance];
  let [best, length] = [promiseOf(goal, expectedW, variance), 0];
  for (const at of order) {
    if (room.block(pool, at) !== undefined) {
      continue;
    }
    room.take(pool, at);
    chosen.push(at);
    expectedW += pool.expected[at] ?? 0;
    variance += pool.variance[at] ?? 0;
    const promised = promiseOf(goal, expectedW, variance);
    if (promised > best) {
      [best, length] = [promised, chosen.length];
    }
  }
  for (const at of chosen) {
    room.giveBack(pool, at);
  }
  return coverOf(pool, goal, chosen.slice(0, length));
}

/**
 * What each candidate adds to the promise, W, near a total variance. The square root lies below its tangent, so what
 * these weights promise in sum is promised indeed.
 */
function weightsAt({ pool, goal }: Search, variance: number): Float64Array {
  const slope = variance > 0 ? goal.z / (2 * Math.sqrt(variance)) : 0;
  return Float64Array.from(
    pool.expected,
    (expected, at) => (1 - goal.commonMargin) * expected - slope * (pool.variance[at] ?? 0),
  );
}

function chargesOf({ pool, room }: Search, prices: Prices): Float64Array {
  const perEventW = prices.event / Math.max(room.eventW, 1);
  const perReboundW = prices.rebound / Math.max(room.reboundW, 1);
  return Float64Array.from(
    pool.cost,
    (cost, at) => cost + perEventW * (pool.switched[at] ?? 0) + perReboundW * (pool.rebound[at] ?? 0),
  );
}

/** Charge per watt of promise; candidates that add nothing come last. */
function scoresOf(charges: Float64Array, weights: Float64Array): Float32Array {
  return Float32Array.from(weights, (weight, at) => (weight > 0 ? (charges[at] ?? 0) / weight : Infinity));
}
