/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays in hot loops, every index bounded by them */
/**
 * Puts rows of one file in time order as far as they are a bounded number of rows out of place, and drops the second
 * row of an instant.
 *
 * A row is released when {@link REORDER_ROWS} later ones (in time) have been seen. A row that belongs before one that is
 * already released is out of order. A single row with a wrong, later time does no harm: it stays in the window, as the
 * latest row, until the file ends.
 */

import type { RowTarget } from './rows.ts';

/**
 * How many rows the re-ordering reaches: over an hour of one reading a second, three to four of a circuit of REDD. The
 * likeliest disorder is a clock that was an hour wrong when summer time began or ended. Half of the window's memory: 14
 * bytes a row of REDD.
 */
export const REORDER_ROWS = 4_096;

/** More rows than a block of lines holds, so that the arrays need not grow: REDD's shortest plain rows are 13 bytes. */
const SPARE_ROWS = 4_096;

export class RowWindow implements RowTarget {
  readonly row: Float32Array;

  readonly #reach: number;
  readonly #width: number;
  #timestamps: Float64Array;
  #cells: Float32Array;
  #missing: Uint16Array;
  /** Rows [head, ready) are released, [ready, tail) are held back; all of them in time order. */
  #head = 0;
  #ready = 0;
  #tail = 0;
  #lastReleased = -Infinity;

  /**
   * @param width cells per row.
   * @param reach how many rows are held back. Default: {@link REORDER_ROWS}.
   */
  constructor(width: number, reach = REORDER_ROWS) {
    this.#width = width;
    this.#reach = reach;
    this.row = new Float32Array(width).fill(NaN);
    this.#timestamps = new Float64Array(reach + SPARE_ROWS);
    this.#cells = new Float32Array(this.#timestamps.length * width);
    this.#missing = new Uint16Array(this.#timestamps.length);
  }

  /** Whether a row is released and not taken yet. */
  get hasRow(): boolean {
    return this.#head < this.#ready;
  }

  /** The released row's instant, ms. Only while {@link hasRow}. */
  get timestamp(): number {
    return this.#timestamps[this.#head]!;
  }

  /** How many cells of the released row say that they have no value. Only while {@link hasRow}. */
  get missing(): number {
    return this.#missing[this.#head]!;
  }

  /** A cell of the released row, NaN when it has no value. Only while {@link hasRow}. */
  cell(index: number): number {
    return this.#cells[this.#head * this.#width + index]!;
  }

  /** Goes on to the next released row. */
  advance(): void {
    this.#head += 1;
  }

  push(timestamp: number, missing: number): 'duplicate_timestamp' | 'out_of_order' | undefined {
    if (this.#tail === this.#timestamps.length) {
      this.#makeRoom();
    }
    let at = this.#tail;
    if (at > this.#ready ? timestamp <= this.#timestamps[at - 1]! : timestamp <= this.#lastReleased) {
      if (timestamp <= this.#lastReleased) {
        return timestamp === this.#lastReleased ? 'duplicate_timestamp' : 'out_of_order';
      }
      at = this.#placeOf(timestamp);
      if (this.#timestamps[at] === timestamp) {
        return 'duplicate_timestamp';
      }
      this.#open(at);
    }
    this.#timestamps[at] = timestamp;
    this.#missing[at] = missing;
    if (this.#width === 1) {
      this.#cells[at] = this.row[0]!;
    } else {
      this.#cells.set(this.row, at * this.#width);
    }
    this.#tail += 1;
    if (this.#tail - this.#ready > this.#reach) {
      this.#release(this.#ready + 1);
    }
    return undefined;
  }

  /** Releases everything: no row follows. */
  finish(): void {
    this.#release(this.#tail);
  }

  #release(ready: number): void {
    if (ready === this.#ready) {
      return;
    }
    this.#ready = ready;
    this.#lastReleased = this.#timestamps[ready - 1]!;
  }

  /** Index of the first held row that is not before `timestamp`, which is not after the last one. */
  #placeOf(timestamp: number): number {
    let low = this.#ready;
    let high = this.#tail - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timestamps[middle]! < timestamp) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #open(at: number): void {
    this.#timestamps.copyWithin(at + 1, at, this.#tail);
    this.#missing.copyWithin(at + 1, at, this.#tail);
    this.#cells.copyWithin((at + 1) * this.#width, at * this.#width, this.#tail * this.#width);
  }

  #makeRoom(): void {
    const rows = this.#tail - this.#head;
    let timestamps = this.#timestamps;
    let cells = this.#cells;
    let missing = this.#missing;
    if (this.#head < SPARE_ROWS / 2) {
      timestamps = new Float64Array(this.#timestamps.length * 2);
      cells = new Float32Array(this.#cells.length * 2);
      missing = new Uint16Array(this.#missing.length * 2);
    }
    timestamps.set(this.#timestamps.subarray(this.#head, this.#tail));
    cells.set(this.#cells.subarray(this.#head * this.#width, this.#tail * this.#width));
    missing.set(this.#missing.subarray(this.#head, this.#tail));
    this.#timestamps = timestamps;
    this.#cells = cells;
    this.#missing = missing;
    this.#ready -= this.#head;
    this.#head = 0;
    this.#tail = rows;
  }
}
