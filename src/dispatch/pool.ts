/** The candidates that a wave is chosen from, compact and in ascending order of their ids, and the caps on choosing. */

/** Columns over candidates, by position in the pool. */
export interface Pool {
  readonly length: number;
  /** Index in the fleet. */
  readonly index: Uint32Array;
  readonly house: Uint32Array;
  /** Expected relief over the wave's call, W, above 0, and its variance, W². */
  readonly expected: Float64Array;
  readonly variance: Float64Array;
  /** What a call costs its user; above 0. */
  readonly cost: Float64Array;
  /** What the caps count: the larger of present and expected power, W. */
  readonly switched: Float64Array;
  /** What comes back after the release, W. */
  readonly rebound: Float64Array;
}

export function emptyPool(length: number): Pool {
  return {
    length,
    index: new Uint32Array(length),
    house: new Uint32Array(length),
    expected: new Float64Array(length),
    variance: new Float64Array(length),
    cost: new Float64Array(length),
    switched: new Float64Array(length),
    rebound: new Float64Array(length),
  };
}

/** What must be promised, and what is promised already by calls of earlier waves. */
export interface Goal {
  readonly targetW: number;
  readonly expectedW: number;
  readonly variance: number;
  /** As in the policy. */
  readonly z: number;
  readonly commonMargin: number;
}

/** What an expectation and a variance promise, W: at 90 % for z = 1.2816. */
export function promiseOf({ z, commonMargin }: Pick<Goal, 'z' | 'commonMargin'>, expectedW: number, variance: number) {
  return (1 - commonMargin) * expectedW - z * Math.sqrt(variance);
}

export interface Cover {
  /** Positions in the pool, in the order in which they were chosen. */
  readonly chosen: readonly number[];
  readonly cost: number;
  /** Of the chosen and of what the goal had already: W and W². */
  readonly expectedW: number;
  readonly variance: number;
  /** Whether the target is promised. */
  readonly isEnough: boolean;
}

/** What some positions of a pool cost and promise, caps aside. */
export function coverOf(pool: Pool, goal: Goal, chosen: readonly number[]): Cover {
  let [cost, expectedW, variance] = [0, goal.expectedW, goal.variance];
  for (const at of chosen) {
    cost += pool.cost[at] ?? 0;
    expectedW += pool.expected[at] ?? 0;
    variance += pool.variance[at] ?? 0;
  }
  return { chosen, cost, expectedW, variance, isEnough: promiseOf(goal, expectedW, variance) >= goal.targetW };
}

/** Why a candidate that is eligible can't be added to those that are chosen. */
export type Block = 'house_cap' | 'feeder_cap' | 'rebound_cap';

/** Rounding must not refuse what fits exactly. */
const ROUNDING_W = 1e-6;

export interface RoomLimits {
  readonly eventW: number;
  readonly minuteW: number;
  readonly reboundW: number;
  /** By house: how many more may be called, and with how much power, W. */
  readonly houseCount: Int16Array;
  readonly houseW: Float64Array;
}

/** What the caps still leave. Choosing takes from it, undoing gives back. */
export class Room {
  readonly #limits: RoomLimits;

  constructor(limits: RoomLimits) {
    this.#limits = { ...limits };
    this.eventW = limits.eventW;
    this.reboundW = limits.reboundW;
  }

  /** Left for the event, W. */
  eventW: number;
  /** Left below the feeder's limit for what comes back, W. */
  reboundW: number;

  houseCount(house: number): number {
    return this.#limits.houseCount[house] ?? 0;
  }

  houseW(house: number): number {
    return this.#limits.houseW[house] ?? 0;
  }

  /** Undefined when a candidate fits. */
  block(pool: Pool, at: number): Block | undefined {
    const house = pool.house[at] ?? 0;
    const switchedW = pool.switched[at] ?? 0;
    if (this.houseCount(house) < 1 || switchedW > this.houseW(house) + ROUNDING_W) {
      return 'house_cap';
    }
    if (switchedW > this.eventW + ROUNDING_W || switchedW > this.#limits.minuteW + ROUNDING_W) {
      return 'feeder_cap';
    }
    if ((pool.rebound[at] ?? 0) > this.reboundW + ROUNDING_W) {
      return 'rebound_cap';
    }
    return undefined;
  }

  take(pool: Pool, at: number): void {
    this.#change(pool, at, 1);
  }

  giveBack(pool: Pool, at: number): void {
    this.#change(pool, at, -1);
  }

  #change(pool: Pool, at: number, sign: 1 | -1): void {
    const house = pool.house[at] ?? 0;
    const switchedW = sign * (pool.switched[at] ?? 0);
    this.#limits.houseCount[house] = this.houseCount(house) - sign;
    this.#limits.houseW[house] = this.houseW(house) - switchedW;
    this.eventW -= switchedW;
    this.reboundW -= sign * (pool.rebound[at] ?? 0);
  }
}
