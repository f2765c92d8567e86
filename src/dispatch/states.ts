/**
 * The short-term state of an appliance as the estimates know it: on or off, and for how many minutes of grid time. The
 * minutes fall into ten bins, narrow where appliances change their mind and wide where they don't.
 */

/** Upper ends of the bins but the last, minutes; a bin holds its lower end. */
const BIN_ENDS_MIN = [1, 2, 4, 8, 15, 30, 60, 120, 240] as const;

/** Bins per state. */
export const BINS = BIN_ENDS_MIN.length + 1;

/** Cells of a table: the bins of off, then those of on. */
export const CELLS = 2 * BINS;

/** The cell of a state that has lasted so long, 0 to {@link CELLS} - 1. */
export function cellOf(isOn: boolean, minutes: number): number {
  let bin = 0;
  while (bin < BINS - 1 && minutes >= (BIN_ENDS_MIN[bin] ?? Infinity)) {
    bin += 1;
  }
  return isOn ? BINS + bin : bin;
}

/** Spans over which power is estimated, minutes from now. Beyond the last, the state says nothing that holds. */
export const HORIZONS_MIN = [5, 15, 30, 60] as const;

/** The longest of {@link HORIZONS_MIN}. */
export const LONGEST_HORIZON_MIN = 60;
