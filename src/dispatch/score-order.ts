/** Sorting by a score, stable and in linear time: what is equal stays in the order of ids. */

const DIGIT_BITS = 11;
const DIGITS = 3;
const BUCKETS = 1 << DIGIT_BITS;

/**
 * Positions of scores in ascending order: a counting sort, digit by digit, on the bits of 32-bit floats, which are in the
 * order of the numbers that they stand for.
 *
 * @param scores none below 0, none NaN.
 */
export function orderOf(scores: Float32Array): Uint32Array {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  let order = Uint32Array.from(scores, (_, index) => index);
  let next = new Uint32Array(scores.length);
  const starts = new Uint32Array(BUCKETS);
  for (let digit = 0; digit < DIGITS; digit += 1) {
    const shift = digit * DIGIT_BITS;
    starts.fill(0);
    for (const value of bits) {
      starts[(value >>> shift) % BUCKETS] = (starts[(value >>> shift) % BUCKETS] ?? 0) + 1;
    }
    let start = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const count = starts[bucket] ?? 0;
      starts[bucket] = start;
      start += count;
    }
    for (const at of order) {
      const bucket = ((bits[at] ?? 0) >>> shift) % BUCKETS;
      const place = starts[bucket] ?? 0;
      next[place] = at;
      starts[bucket] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}
