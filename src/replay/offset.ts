/** By how much a playback runs behind the first one, so that playbacks of one house don't all read at once. */

/**
 * The phases' range, grid ms. Meters read every 1 to 6 s; over this range, which is a whole number of all these
 * intervals, readings of many playbacks are spread evenly however often their house reads.
 */
export const PHASE_RANGE_MS = 12_000;

/** Phases are multiples of this, wall-clock ms: playbacks with the same one are sent with one call. */
export const PHASE_STEP_MS = 25;

/** Multiples of the golden ratio, modulo 1, are spread evenly whichever consecutive ones are taken (Weyl). */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/**
 * The phase of a playback, whole wall-clock ms: its readings have this much later timestamps than the data alone would
 * give. A function of its arguments, so that machines of a fleet agree whatever range each of them replays; playback 0
 * has none.
 *
 * @param speed grid ms per wall-clock ms.
 */
export function phaseOf(playback: number, speed: number): number {
  const steps = Math.floor(PHASE_RANGE_MS / speed / PHASE_STEP_MS);
  return Math.floor(((playback * GOLDEN_RATIO) % 1) * steps) * PHASE_STEP_MS;
}
