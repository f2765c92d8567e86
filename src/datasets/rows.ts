/**
 * What becomes of a row: it is used, or rejected for exactly one reason.
 *
 * A row is the unit of trust. A row with one cell that can't be a power reading is rejected whole: such a cell is how
 * lost bytes show (a cut line and the next one run together), and then no column of the row is where it seems to be.
 */
import type { RowCounts } from './data-set.ts';

/** Why rows are rejected. */
export type Reason =
  /** Fewer fields than the header or the layout has; also a row whose line end is lost in a header glued to it. */
  | 'cut_row'
  /** More fields than the header or the layout has. */
  | 'extra_fields'
  /** A field that is no number, such as `0.072.172`. */
  | 'bad_number'
  /** NUL bytes: a block that the file system never wrote. What stands beside it can't be trusted. */
  | 'nul_bytes'
  /** Longer than any row can be: no line end in {@link MAX_ROW_BYTES}. */
  | 'long_row'
  /** Before any header of its file, or after a damaged one: columns are known by their header alone. */
  | 'no_header'
  /** A value of a plug that is in none of the headers that were looked at when the data set was opened. */
  | 'unknown_plug'
  /** Before {@link EARLIEST_MS}: the clock of the meter was not set. */
  | 'unset_clock'
  /** After the present. */
  | 'future_clock'
  | 'negative_power'
  | 'nan_power'
  | 'infinite_power'
  /** Above the limit that the data set was opened with. */
  | 'absurd_power'
  /** The first row of an instant (a ms) is used, later ones are not, whether equal or different. */
  | 'duplicate_timestamp'
  /** Further back than a reader's re-ordering reaches. */
  | 'out_of_order';

/** A meter's clock without power starts at 1970 or 2000; nobody published such data before this. 2001-01-01 UTC. */
export const EARLIEST_MS = Date.UTC(2001, 0, 1);

/** The longest row that is read: also what a reader holds of a file without line ends. */
export const MAX_ROW_BYTES = 16 * 1024;

/** More than the service of any house of the data sets can deliver (200 A at 240 V is 48 kW). W. */
export const DEFAULT_MAX_POWER_W = 50_000;

/** Counts of a reader that has read nothing. */
export function newRowCounts(): RowCounts {
  return { rows: 0, readings: 0, missing: 0, rejected: new Map() };
}

/** Counts one row, or `rows`, as rejected. */
export function reject(counts: RowCounts, reason: Reason, rows = 1): void {
  counts.rows += rows;
  counts.rejected.set(reason, (counts.rejected.get(reason) ?? 0) + rows);
}

/** Adds `from` to `to`. */
export function addRowCounts(to: RowCounts, from: RowCounts): void {
  to.rows += from.rows;
  to.readings += from.readings;
  to.missing += from.missing;
  for (const [reason, rows] of from.rejected) to.rejected.set(reason, (to.rejected.get(reason) ?? 0) + rows);
}

/** What makes a row acceptable, whatever its layout. */
export interface RowLimits {
  /** Rows before this are passed over and not counted, ms. -Infinity: none. */
  readonly fromMs: number;
  /** The latest instant that can have been measured, ms. */
  readonly latestMs: number;
  /** The most that one reading may be, W. */
  readonly maxPowerW: number;
}
