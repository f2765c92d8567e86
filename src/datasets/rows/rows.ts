/**
 * What becomes of a row: it is used, or rejected for exactly one reason.
 *
 * A row is the unit of trust. A row with one cell that can't be a power reading is rejected whole: such a cell is how
 * lost bytes show (a cut line and the next one run together), and then no column of the row is where it seems to be.
 */
import type { Rejections, RowCounts } from '../data-set/data-set.ts';

/** Why rows are rejected. */
export type Reason =
  /** Fewer fields than the header or the layout has; also a row whose line end is lost in a header glued to it. */
  | 'cut_row'
  /** More fields than the header or the layout has. */
  | 'extra_fields'
  /** A field that is no number, such as `0.072.172`. */
  | 'bad_number'
  /** A number with a comma, such as `1,500`: 1.5 where it was written, or 1500. */
  | 'decimal_comma'
  /** A date where seconds since 1970 belong: it does not say of which time zone. */
  | 'date_not_seconds'
  /** NUL bytes: a block that the file system never wrote. The bytes beside it can't be trusted. */
  | 'nul_bytes'
  /** Longer than any row can be: no line end in {@link MAX_ROW_BYTES}. */
  | 'long_row'
  /** Before any header of its file, or after a damaged one: columns are known by their header alone. */
  | 'no_header'
  /** A value of a plug that is in none of the headers that were looked at when the data set was opened. */
  | 'unknown_plug'
  /** Before {@link EARLIEST_MS}: the clock of the meter was not set. */
  | 'unset_clock'
  /** After the present, or not in seconds. */
  | 'future_clock'
  /** Far from all other rows of its house: see believable-days.ts. */
  | 'stray_clock'
  | 'negative_power'
  | 'nan_power'
  | 'infinite_power'
  /** Above the limit that the data set was opened with. */
  | 'absurd_power'
  /** The first row of an instant (a ms) is used, later ones are not, whether equal or different. */
  | 'duplicate_timestamp'
  /** Further back than a reader's re-ordering reaches. */
  | 'out_of_order';

/** A meter's clock without power starts at 1970 or 2000; no such data were published before this. 2001-01-01 UTC. */
export const EARLIEST_MS = Date.UTC(2001, 0, 1);

/** The longest row that is read: also what a reader holds of a file without line ends. */
export const MAX_ROW_BYTES = 16 * 1024;

/** Counts of a reader that has read nothing. */
export function newRowCounts(): RowCounts {
  return { rows: 0, readings: 0, missing: 0, rejected: new Map() };
}

/** Where the rows of one file are counted. */
export interface FileCounts {
  readonly counts: RowCounts;
  /** The file's name within its house. */
  readonly file: string;
}

/** Counts one row, or `rows`, as rejected. */
export function reject({ counts, file }: FileCounts, reason: Reason, rows = 1): void {
  counts.rows += rows;
  add(counts.rejected, reason, rows);
  if (!counts.files) {
    return;
  }
  let ofFile = counts.files.get(file);
  if (!ofFile) {
    counts.files.set(file, (ofFile = new Map<string, number>()));
  }
  add(ofFile, reason, rows);
}

function add(rejected: Rejections, reason: string, rows: number): void {
  rejected.set(reason, (rejected.get(reason) ?? 0) + rows);
}

/** Adds `from` to `to`. */
export function addRowCounts(to: RowCounts, from: RowCounts): void {
  to.rows += from.rows;
  to.readings += from.readings;
  to.missing += from.missing;
  for (const [reason, rows] of from.rejected) {
    add(to.rejected, reason, rows);
  }
}

/** What makes a row acceptable, whatever its layout. */
export interface RowLimits {
  /** Rows before this are passed over and not counted, ms. -Infinity: none. */
  readonly fromMs: number;
  /** The earliest and the latest instant that a row of the house is believed to be from, ms. */
  readonly earliestMs: number;
  readonly latestMs: number;
  /** The present when the house was surveyed, ms. */
  readonly nowMs: number;
  /** The most that one reading may be, W. */
  readonly maxPowerW: number;
}

/** Where a parser puts rows: a window that puts them in order, or a survey. */
export interface RowTarget {
  /** The row about to be pushed: a value per cell, NaN where there is none. */
  readonly row: Float32Array;
  /**
   * Takes in {@link row}.
   *
   * @param missing how many of its cells say that they have no value.
   * @returns why it is not taken, or undefined.
   */
  push(timestamp: number, missing: number): Reason | undefined;
}

/** Parses whole lines, `bytes` from 0 to `length`. */
export type TakeLines = (bytes: Buffer, length: number) => void;
