/**
 * What has been observed: for an appliance or a type, by state and horizon, how often, and the sums of the mean power
 * over the horizon and of its square. Plain sums, so that parts of a fleet add up and a restart continues from a file.
 */
import { z } from 'zod';

import { CELLS, HORIZONS_MIN } from './states.ts';

const PER_CELL = 3;
const LENGTH = HORIZONS_MIN.length * CELLS * PER_CELL;

export interface CellSums {
  readonly count: number;
  /** Of mean power, W. */
  readonly sum: number;
  /** Of its square, W². */
  readonly squares: number;
}

const serialised = z.strictObject({
  version: z.literal(1),
  /** By key: [position, value] of what is not 0. */
  sums: z.record(
    z.string(),
    z.array(
      z.tuple([
        z
          .int()
          .min(0)
          .max(LENGTH - 1),
        z.number(),
      ]),
    ),
  ),
});

export class StateSums {
  readonly #byKey = new Map<string, Float64Array>();

  /** In the order in which they came. */
  get keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  /**
   * @param key an appliance id, or the name of its type.
   * @param horizon index into HORIZONS_MIN.
   * @param cell of the state at the start of the horizon: states.ts.
   * @param meanW mean power over the horizon.
   */
  add(key: string, horizon: number, cell: number, meanW: number): void {
    const sums = this.#of(key);
    const at = position(horizon, cell);
    sums[at] = (sums[at] ?? 0) + 1;
    sums[at + 1] = (sums[at + 1] ?? 0) + meanW;
    sums[at + 2] = (sums[at + 2] ?? 0) + meanW * meanW;
  }

  cell(key: string, horizon: number, cell: number): CellSums {
    const sums = this.#byKey.get(key);
    const at = position(horizon, cell);
    return { count: sums?.[at] ?? 0, sum: sums?.[at + 1] ?? 0, squares: sums?.[at + 2] ?? 0 };
  }

  /** Adds what another has seen. */
  merge(other: StateSums): void {
    for (const [key, theirs] of other.#byKey) {
      const ours = this.#of(key);
      for (const [at, value] of theirs.entries()) {
        ours[at] = (ours[at] ?? 0) + value;
      }
    }
  }

  toJSON(): z.infer<typeof serialised> {
    const sums = [...this.#byKey].map(([key, values]): [string, [number, number][]] => [
      key,
      [...values.entries()].filter(([, value]) => value !== 0),
    ]);
    return { version: 1, sums: Object.fromEntries(sums) };
  }

  /** @throws ZodError when it is not what {@link toJSON} gave. */
  static from(content: unknown): StateSums {
    const result = new StateSums();
    for (const [key, entries] of Object.entries(serialised.parse(content).sums)) {
      const sums = result.#of(key);
      for (const [at, value] of entries) {
        sums[at] = value;
      }
    }
    return result;
  }

  #of(key: string): Float64Array {
    const known = this.#byKey.get(key);
    if (known) {
      return known;
    }
    const made = new Float64Array(LENGTH);
    this.#byKey.set(key, made);
    return made;
  }
}

function position(horizon: number, cell: number): number {
  return (horizon * CELLS + cell) * PER_CELL;
}
