/** The start of an event minute by minute, so that no more is switched within one than the cap allows. */

/**
 * By how many whole minutes each call starts late, in the order in which they were chosen. Every one fits into a minute
 * alone: what does not is never chosen.
 */
export function rampOf(switchedW: readonly number[], minuteW: number): number[] {
  let [minute, inMinute] = [0, 0];
  return switchedW.map((watts) => {
    if (inMinute > 0 && inMinute + watts > minuteW) {
      [minute, inMinute] = [minute + 1, 0];
    }
    inMinute += watts;
    return minute;
  });
}
