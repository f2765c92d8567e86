/**
 * From a fleet to the pool that a wave is chosen from. A first pass scores every eligible appliance and adds up, by
 * score, what is expected; a second takes those whose scores can matter. A million appliances cost two passes, no sort.
 */
import type { SheddableClass } from '../core/appliances/registry.ts';
import { CODES } from './eligibility.ts';
import type { Fleet, Kind } from './fleet.ts';
import type { Policy } from './policy.ts';
import { emptyPool, type Pool } from './pool.ts';
import { BUCKET_SHIFT, BUCKETS, scratchOf } from './scratch.ts';
import type { StateTable } from './state-table.ts';
import { CELLS } from './states.ts';
import { type Call, callOf, useOf, type Wave } from './waves.ts';

/** What a wave's passes need to know of each kind and row, worked out once. */
export interface WaveFigures {
  readonly calls: readonly (Call | undefined)[];
  /** Relief and its variance by row and cell, for the kind that has the row. */
  readonly expected: Float64Array;
  readonly variance: Float64Array;
}

export interface Scored {
  /** Cost per expected watt; Infinity for who can't be called in this wave. */
  readonly scores: Float32Array;
  /** How many can be called. */
  readonly length: number;
  /** By bucket of scores: how many, and what is expected of them, W. */
  readonly count: Uint32Array;
  readonly expected: Float64Array;
}

/** @param delayMin mean delay of starts that the ramp causes. */
export function waveFigures(
  fleet: Pick<Fleet, 'kinds'>,
  table: StateTable,
  kindOfRow: Int32Array,
  wave: Wave,
  durationMin: number,
  policy: Policy,
  delayMin: number,
): WaveFigures {
  const calls = fleet.kinds.map(({ shedding }) => shedding && callOf(shedding, wave, durationMin, policy));
  const expected = new Float64Array(table.rows * CELLS);
  const variance = new Float64Array(table.rows * CELLS);
  for (let row = 0; row < table.rows; row += 1) {
    const kind = kindOfRow[row] ?? -1;
    const call = calls[kind];
    const rules = fleet.kinds[kind]?.shedding;
    if (!call || !rules) {
      continue;
    }
    const use = useOf(call, rules, policy, delayMin);
    for (let cell = 0; cell < CELLS; cell += 1) {
      const estimate = table.estimate(row, cell, call.startMin, call.endMin);
      const relief = reliefOf(estimate, use, policy.responseRate[rules.class]);
      expected[row * CELLS + cell] = relief.mean;
      variance[row * CELLS + cell] = relief.variance;
    }
  }
  return { calls, expected, variance };
}

/** What a call brings, if it is obeyed at a rate. */
export function reliefOf(
  power: { readonly mean: number; readonly variance: number },
  use: number,
  responseRate: number,
): { mean: number; variance: number } {
  const mean = use * power.mean;
  return {
    mean: responseRate * mean,
    variance: responseRate * use * use * power.variance + responseRate * (1 - responseRate) * mean * mean,
  };
}

/** Minutes off within 7 days, of an appliance and of its house, that double what the next call costs. */
const OWN_MIN = 15;
const HOUSE_MIN = 60;

/** Dividing a million times costs more than all the rest. */
const PER_OWN_MIN = 1 / OWN_MIN;
const PER_HOUSE_MIN = 1 / HOUSE_MIN;

/** What a call costs its user: more for those who were off for long this week, and for their houses. */
export function costsOf(fleet: Fleet, policy: Policy): (index: number) => number {
  const weights = fleet.kinds.map(({ shedding }) => (shedding ? policy.classWeight[shedding.class] : 0));
  const paybacks = fleet.kinds.map(({ shedding }) => policy.reboundWeight * (shedding?.paybackShare ?? 0));
  const { kind, usedWeekMin, house, houses } = fleet;
  return (index) => {
    const of = kind[index] ?? 0;
    const own = 1 + (usedWeekMin[index] ?? 0) * PER_OWN_MIN;
    const shared = 1 + (houses.usedWeekMin[house[index] ?? 0] ?? 0) * PER_HOUSE_MIN;
    return (weights[of] ?? 0) * own * shared + (paybacks[of] ?? 0);
  };
}

/**
 * Scores all of a code that could bring enough, and marks them in `isWorth`. What it gives is valid until the next call.
 *
 * @param codes by appliance: eligibility.ts.
 * @param openClasses classes that are scored. Default: all.
 */
export function score(
  fleet: Fleet,
  codes: Uint8Array,
  code: number,
  figures: WaveFigures,
  policy: Policy,
  isWorth: Uint8Array,
  openClasses?: ReadonlySet<SheddableClass>,
): Scored {
  const { kinds, kind, row, cell, house, usedWeekMin } = fleet;
  const houseUsedMin = fleet.houses.usedWeekMin;
  const reliefs = figures.expected;
  const { scores, count, expected: sums } = scratchOf(fleet);
  const bits = new Uint32Array(scores.buffer);
  count.fill(0);
  sums.fill(0);
  const weights = Float64Array.from(kinds, ({ shedding }) => (shedding ? policy.classWeight[shedding.class] : 0));
  const paybacks = Float64Array.from(kinds, ({ shedding }) => policy.reboundWeight * (shedding?.paybackShare ?? 0));
  const isOpen = kinds.map(({ shedding }) => shedding !== undefined && (openClasses?.has(shedding.class) ?? true));
  const least = Math.max(policy.minReliefW, Number.MIN_VALUE);
  // What brings too little, or is not open, costs infinitely much per watt: no branch that a processor can't foresee.
  const perWatt = figures.expected.map((expected) => (expected < least ? Infinity : 1 / expected));
  const closed = Float64Array.from(isOpen, (open) => (open ? 0 : Infinity));
  const excluded = Float64Array.from({ length: CODES }, (_, at) => (at === code ? 0 : Infinity));
  for (let index = 0; index < scores.length; index += 1) {
    const of = kind[index] ?? 0;
    const figure = (row[index] ?? 0) * CELLS + (cell[index] ?? 0);
    const used = 1 + (usedWeekMin[index] ?? 0) * PER_OWN_MIN;
    const shared = 1 + (houseUsedMin[house[index] ?? 0] ?? 0) * PER_HOUSE_MIN;
    const cost = (weights[of] ?? 0) * used * shared + (paybacks[of] ?? 0) + (closed[of] ?? 0);
    scores[index] = (cost + (excluded[codes[index] ?? 0] ?? 0)) * (perWatt[figure] ?? Infinity);
    const bucket = (bits[index] ?? 0) >>> BUCKET_SHIFT;
    count[bucket] = (count[bucket] ?? 0) + 1;
    sums[bucket] = (sums[bucket] ?? 0) + (reliefs[figure] ?? 0);
    isWorth[index] = (isWorth[index] ?? 0) | ((bucket - INFINITY_BUCKET) >>> 31);
  }
  const length = scores.length - (count[INFINITY_BUCKET] ?? 0);
  count[INFINITY_BUCKET] = 0;
  return { scores, length, count, expected: sums };
}

/** Where the bits of Infinity fall; those of finite scores fall below. */
const INFINITY_BITS = 0x7f800000;
const INFINITY_BUCKET = INFINITY_BITS >>> BUCKET_SHIFT;

/** The lowest bucket up to which so many appliances with so much expectation are found; Infinity when there are fewer. */
export function bucketFor({ length, count, expected }: Scored, appliances: number, watts: number): number {
  if (length <= appliances) {
    return Infinity;
  }
  let [found, sum] = [0, 0];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    found += count[bucket] ?? 0;
    sum += expected[bucket] ?? 0;
    if (found >= appliances && sum >= watts) {
      return bucket;
    }
  }
  return Infinity;
}

/** The pool of all whose scores lie in a bucket or below. */
export function gather(
  fleet: Fleet,
  scored: Scored,
  upTo: number,
  figures: WaveFigures,
  costOf: (index: number) => number,
): { pool: Pool; isAll: boolean } {
  let { length } = scored;
  if (upTo < BUCKETS) {
    length = 0;
    for (let bucket = 0; bucket <= upTo; bucket += 1) {
      length += scored.count[bucket] ?? 0;
    }
  }
  const pool = emptyPool(length);
  const bits = new Uint32Array(scored.scores.buffer);
  const shares = fleet.kinds.map(({ shedding }: Kind) => shedding?.reboundShare ?? 0);
  const { row, cell, kind, house, powerW } = fleet;
  const past = Math.min(INFINITY_BITS, (upTo + 1) * (1 << BUCKET_SHIFT));
  for (let index = 0, at = 0; at < length; index += 1) {
    const score = bits[index] ?? 0;
    if (score >= past) {
      continue;
    }
    const figure = (row[index] ?? 0) * CELLS + (cell[index] ?? 0);
    const expected = figures.expected[figure] ?? 0;
    pool.index[at] = index;
    pool.house[at] = house[index] ?? 0;
    pool.expected[at] = expected;
    pool.variance[at] = figures.variance[figure] ?? 0;
    pool.cost[at] = costOf(index);
    pool.switched[at] = Math.max(expected, powerW[index] ?? 0);
    pool.rebound[at] = (shares[kind[index] ?? 0] ?? 0) * expected;
    at += 1;
  }
  return { pool, isAll: length === scored.length };
}
