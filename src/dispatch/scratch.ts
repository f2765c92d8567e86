/** Columns that a plan works in, kept with the fleet: a million appliances would cost a collection of garbage per plan. */
import type { Fleet } from './fleet.ts';

/** Scores fall into buckets by the high bits of their float: sign, exponent and seven bits more. */
export const BUCKET_SHIFT = 16;
export const BUCKETS = 1 << (32 - BUCKET_SHIFT - 1);

export interface Scratch {
  /** By appliance. */
  readonly codes: Uint8Array;
  readonly isWorth: Uint8Array;
  readonly scores: Float32Array;
  /** By bucket. */
  readonly count: Uint32Array;
  readonly expected: Float64Array;
}

const scratches = new WeakMap<Fleet, Scratch>();

/** One for all fleets: of small ones they would be most of a plan's cost. */
const count = new Uint32Array(BUCKETS);
const expected = new Float64Array(BUCKETS);

/** Whatever the last plan left in them, of this fleet or another: each user fills them first. */
export function scratchOf(fleet: Fleet): Scratch {
  const known = scratches.get(fleet);
  if (known) {
    return known;
  }
  const made: Scratch = {
    codes: new Uint8Array(fleet.length),
    isWorth: new Uint8Array(fleet.length),
    scores: new Float32Array(fleet.length),
    count,
    expected,
  };
  scratches.set(fleet, made);
  return made;
}
