/** By how much a playback runs behind the first one, so that not all playbacks of a house read at the same time. */

/**
 * The range of the offsets, grid ms. Meters read every 1 to 6 s; over this range, which is a whole number of all these
 * intervals, readings of many playbacks are spread evenly however often their house reads.
 */
export const OFFSET_RANGE_MS = 12_000;

/** Offsets are multiples of this, wall-clock ms: playbacks with the same one are sent with one call. */
export const OFFSET_STEP_MS = 25;

/** Multiples of the golden ratio, modulo 1, are spread evenly whichever consecutive ones are taken (Weyl). */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/**
 * The offset of a playback, whole wall-clock ms: its readings have this much later timestamps than the data alone would
 * give. A function of its arguments, so that all replay hosts agree, whatever range each of them replays; playback 0
 * has none.
 *
 * @param speed grid ms per wall-clock ms.
 */
export function offsetOf(playback: number, speed: number): number {
  const steps = Math.floor(OFFSET_RANGE_MS / speed / OFFSET_STEP_MS);
  return Math.floor(((playback * GOLDEN_RATIO) % 1) * steps) * OFFSET_STEP_MS;
}
