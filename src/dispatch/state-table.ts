/**
 * What an appliance does from a state on: mean and variance of its power over a span ahead, by on or off and the minutes
 * in that state. Of six estimates on real plugs this one kept its promise best; recent power delivers a quarter to a
 * half of what it says once the largest are chosen by it.
 *
 * A cell that was seen `n` times weighs n / (n + 20) against what its row knows in general: an appliance's cell against
 * the cell of its type, a type's cell against all its cells of the same state.
 */
import type { CellSums, StateSums } from './state-sums.ts';
import { BINS, CELLS, HORIZONS_MIN, LONGEST_HORIZON_MIN } from './states.ts';

/** How many samples the more general estimate counts for. */
export const SHRINK_SAMPLES = 20;

export interface Estimate {
  /** W. */
  readonly mean: number;
  /** W². */
  readonly variance: number;
}

interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Mean of the square. */
  readonly square: number;
}

const NOTHING: Moments = { count: 0, mean: 0, square: 0 };

/** Appliances' and types' estimates, by a row number that typed arrays can hold. */
export class StateTable {
  /** Per row and horizon: a mean and a variance for each cell. */
  readonly #means: Float64Array[] = [];
  readonly #variances: Float64Array[] = [];
  /** Per row: over all states, for spans that the state says nothing about. */
  readonly #overall: Estimate[] = [];
  readonly #rows = new Map<string, number>();

  /**
   * @param sums what was observed, by appliance id and by type.
   * @param typeOf the type's key of an appliance id's key; undefined for a key that is itself a type's.
   */
  constructor(sums: StateSums, typeOf: (key: string) => string | undefined = () => undefined) {
    const keys = sums.keys;
    for (const key of keys) {
      if (typeOf(key) === undefined) {
        this.#addRow(key, typeMoments(sums, key));
      }
    }
    for (const key of keys) {
      const type = typeOf(key);
      if (type !== undefined) {
        this.#addRow(key, this.#applianceMoments(sums, key, this.#rows.get(type)));
      }
    }
  }

  get rows(): number {
    return this.#overall.length;
  }

  /** The row of an appliance, or of its type when the appliance has none; undefined when neither was ever observed. */
  rowOf(applianceId: string, type: string): number | undefined {
    return this.#rows.get(applianceId) ?? this.#rows.get(type);
  }

  /**
   * Power over the span from `fromMin` to `toMin` minutes from now, for an appliance in the state of `cell` now.
   *
   * Energy up to a horizon is interpolated between horizons; beyond the longest, power is the mean over all states. The
   * variance of a span that begins later is that over all states: an upper bound on average.
   */
  estimate(row: number, cell: number, fromMin: number, toMin: number): Estimate {
    const overall = this.#overall[row];
    if (overall === undefined || !(toMin > fromMin)) {
      return { mean: 0, variance: 0 };
    }
    const mean = (this.#energy(row, cell, toMin) - this.#energy(row, cell, fromMin)) / (toMin - fromMin);
    const variance =
      fromMin === 0 && toMin <= LONGEST_HORIZON_MIN ? this.#variance(row, cell, toMin) : overall.variance;
    return { mean: Math.max(0, mean), variance };
  }

  /** W min. */
  #energy(row: number, cell: number, minutes: number): number {
    const beyond = Math.max(0, minutes - LONGEST_HORIZON_MIN) * (this.#overall[row]?.mean ?? 0);
    const within = Math.min(minutes, LONGEST_HORIZON_MIN);
    let [atStart, energyAtStart] = [0, 0];
    for (const [horizon, end] of HORIZONS_MIN.entries()) {
      const energyAtEnd = end * this.#mean(row, horizon, cell);
      if (within <= end) {
        return energyAtStart + ((within - atStart) / (end - atStart)) * (energyAtEnd - energyAtStart) + beyond;
      }
      [atStart, energyAtStart] = [end, energyAtEnd];
    }
    return energyAtStart + beyond;
  }

  #variance(row: number, cell: number, minutes: number): number {
    let [atStart, before] = [0, this.#cellVariance(row, 0, cell)];
    for (const [horizon, end] of HORIZONS_MIN.entries()) {
      const after = this.#cellVariance(row, horizon, cell);
      if (minutes <= end) {
        return before + ((minutes - atStart) / (end - atStart)) * (after - before);
      }
      [atStart, before] = [end, after];
    }
    return before;
  }

  #mean(row: number, horizon: number, cell: number): number {
    return this.#means[row]?.[horizon * CELLS + cell] ?? 0;
  }

  #cellVariance(row: number, horizon: number, cell: number): number {
    return this.#variances[row]?.[horizon * CELLS + cell] ?? 0;
  }

  #addRow(key: string, moments: readonly Moments[]): void {
    this.#rows.set(key, this.#overall.length);
    this.#means.push(Float64Array.from(moments, ({ mean }) => mean));
    this.#variances.push(Float64Array.from(moments, variance));
    const shortest = pooled(moments.slice(0, CELLS));
    this.#overall.push({ mean: shortest.mean, variance: variance(shortest) });
  }

  #applianceMoments(sums: StateSums, key: string, typeRow: number | undefined): Moments[] {
    if (typeRow === undefined) {
      return typeMoments(sums, key);
    }
    const own = pooled(cellsOf(sums, key, 0).map(momentsOf));
    const typical = this.#overall[typeRow]?.mean ?? 0;
    // An appliance draws more or less than its type does: the type's cells are scaled by what is known of it.
    const known = own.count / (own.count + SHRINK_SAMPLES);
    const scale = typical > 0 ? 1 + known * (own.mean / typical - 1) : 1;
    return HORIZONS_MIN.flatMap((_, horizon) =>
      cellsOf(sums, key, horizon).map((cell, index) => {
        const mean = this.#mean(typeRow, horizon, index) * scale;
        const square = this.#cellVariance(typeRow, horizon, index) * scale * scale + mean * mean;
        return shrunk(momentsOf(cell), { count: 0, mean, square });
      }),
    );
  }
}

function typeMoments(sums: StateSums, key: string): Moments[] {
  return HORIZONS_MIN.flatMap((_, horizon) => {
    const cells = cellsOf(sums, key, horizon).map(momentsOf);
    const all = pooled(cells);
    const states = [cells.slice(0, BINS), cells.slice(BINS)].map((state) => shrunk(pooled(state), all));
    return cells.map((cell, index) => shrunk(cell, states[index < BINS ? 0 : 1] ?? all));
  });
}

function cellsOf(sums: StateSums, key: string, horizon: number): CellSums[] {
  return Array.from({ length: CELLS }, (_, cell) => sums.cell(key, horizon, cell));
}

function momentsOf({ count, sum, squares }: CellSums): Moments {
  return count === 0 ? NOTHING : { count, mean: sum / count, square: squares / count };
}

function pooled(cells: readonly Moments[]): Moments {
  const count = cells.reduce((total, cell) => total + cell.count, 0);
  if (count === 0) {
    return NOTHING;
  }
  const mean = cells.reduce((total, cell) => total + cell.count * cell.mean, 0) / count;
  const square = cells.reduce((total, cell) => total + cell.count * cell.square, 0) / count;
  return { count, mean, square };
}

function shrunk(own: Moments, general: Moments): Moments {
  const weight = own.count / (own.count + SHRINK_SAMPLES);
  return {
    count: own.count,
    mean: weight * own.mean + (1 - weight) * general.mean,
    square: weight * own.square + (1 - weight) * general.square,
  };
}

function variance({ mean, square }: Moments): number {
  return Math.max(0, square - mean * mean);
}
