/* eslint-disable @typescript-eslint/no-non-null-assertion -- bytes in a hot loop, every index bounded by it */
/**
 * Rows of a GREEND day file, from bytes: `<s>,<W>,...`, `NULL` or nothing where a plug did not answer.
 *
 * A file is several CSV files run together, so a header may stand anywhere and change the columns; a column is a plug by
 * its header, never by its position.
 */
import { type Header, HEADER_START, headerOf } from '../rows/greend-header.ts';
import { type FileCounts, MAX_ROW_BYTES, type Reason, reject, type RowLimits, type RowTarget } from '../rows/rows.ts';
import {
  cellsOf,
  clockReason,
  damageOf,
  isMissing,
  isTooEarly,
  linesOf,
  powerOf,
  timestampOf,
} from '../rows/text-fields.ts';

const NEWLINE = 10;
const RETURN = 13;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const LETTER_N = 78;
const LETTER_U = 85;
const LETTER_L = 76;
/** Digits after these change a double, and less so the float that holds a power, by no more than its rounding. */
const KEPT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: KEPT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);
/** A column whose plug is no channel of the building. */
const NO_CHANNEL = -1;
/** What is known of rows before a header, or after a damaged one. */
const NO_HEADER: Header = { plugs: [], separator: ',', isTrailed: false };

export class GreendRows {
  readonly #target: RowTarget;
  readonly #counts: FileCounts;
  readonly #limits: RowLimits;
  readonly #channelOf: ReadonlyMap<string, number>;
  /** The channel of each column, empty while no header is in force. */
  #columns = new Int32Array(0);
  #separator = ',';
  #separatorByte = 44;
  #isTrailed = false;

  /** @param channelOf index of the channel of a plug, by its address. */
  constructor(target: RowTarget, counts: FileCounts, limits: RowLimits, channelOf: ReadonlyMap<string, number>) {
    this.#target = target;
    this.#counts = counts;
    // Of one shape for all callers: otherwise V8 looks them up for each row, which costs 8 %.
    const { fromMs, earliestMs, latestMs, nowMs, maxPowerW } = limits;
    this.#limits = { fromMs, earliestMs, latestMs, nowMs, maxPowerW };
    this.#channelOf = channelOf;
  }

  /** Takes whole lines into the window. */
  take(bytes: Buffer, length: number): void {
    let at = 0;
    while (at < length) {
      const end = this.#takePlainRow(bytes, at);
      if (end > 0) {
        at = end;
        continue;
      }
      // A block holds whole lines, so there is a line end.
      const lineEnd = bytes.indexOf(NEWLINE, at);
      for (const line of linesOf(bytes.toString('latin1', at, lineEnd))) {
        this.#takeLine(line);
      }
      at = lineEnd + 1;
    }
  }

  /**
   * Reads the row that starts at `at` when it is `digits.digits`, then for each column nothing, `NULL` or a plain
   * decimal.
   *
   * @returns where the next line starts, or 0 when the line has to be looked at as text.
   */
  #takePlainRow(bytes: Buffer, start: number): number {
    const columns = this.#columns;
    const separator = this.#separatorByte;
    const row = this.#target.row;
    const { maxPowerW, fromMs, earliestMs, latestMs } = this.#limits;
    let at = start;
    let byte = bytes[at]!;
    let seconds = 0;
    while (byte >= ZERO && byte <= NINE) {
      seconds = seconds * 10 + (byte - ZERO);
      byte = bytes[++at]!;
    }
    if (at === start || at - start > 11) {
      return 0;
    }
    let ms = seconds * 1_000;
    if (byte === POINT) {
      byte = bytes[++at]!;
      for (let unit = 100; byte >= ZERO && byte <= NINE; unit /= 10) {
        if (unit >= 1) {
          ms += (byte - ZERO) * unit;
        }
        // The fourth decimal rounds half up.
        else if (unit === 0.1 && byte >= ZERO + 5) {
          ms += 1;
        }
        byte = bytes[++at]!;
      }
    }
    let column = 0;
    let missing = 0;
    let reason: Reason | undefined;
    for (; byte === separator; column += 1) {
      if (column === columns.length) {
        return 0;
      }
      byte = bytes[++at]!;
      let power = NaN;
      if (byte === LETTER_N) {
        if (bytes[at + 1] !== LETTER_U || bytes[at + 2] !== LETTER_L || bytes[at + 3] !== LETTER_L) {
          return 0;
        }
        at += 4;
        byte = bytes[at]!;
        missing += 1;
      } else if (byte === separator || byte === NEWLINE || byte === RETURN) {
        missing += 1;
      } else {
        const firstDigit = at;
        let mantissa = 0;
        while (byte >= ZERO && byte <= NINE) {
          mantissa = mantissa * 10 + (byte - ZERO);
          byte = bytes[++at]!;
        }
        let digits = at - firstDigit;
        if (digits === 0 || digits > KEPT_DIGITS) {
          return 0;
        }
        let decimals = 0;
        if (byte === POINT) {
          byte = bytes[++at]!;
          for (; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) {
            if (digits === KEPT_DIGITS) {
              continue;
            }
            mantissa = mantissa * 10 + (byte - ZERO);
            digits += 1;
            decimals += 1;
          }
        }
        power = mantissa / POWERS_OF_TEN[decimals]!;
        if (power > maxPowerW) {
          reason ??= 'absurd_power';
        }
        if (columns[column] === NO_CHANNEL) {
          reason ??= 'unknown_plug';
        }
      }
      const channel = columns[column]!;
      if (channel !== NO_CHANNEL) {
        row[channel] = power;
      }
    }
    if (column !== columns.length || column === 0) {
      return 0;
    }
    if (byte === RETURN) {
      byte = bytes[++at]!;
    }
    if (byte !== NEWLINE || at - start > MAX_ROW_BYTES) {
      return 0;
    }
    if (ms < fromMs) {
      return at + 1;
    }
    if (ms < earliestMs || ms > latestMs) {
      reason = clockReason(ms, this.#limits);
    }
    reason ??= this.#target.push(ms, missing);
    if (reason) {
      reject(this.#counts, reason);
    }
    return at + 1;
  }

  /** One line as text, without its line end: a header, a row of another spelling, or a row to be rejected. */
  #takeLine(line: string): void {
    if (line.length > MAX_ROW_BYTES) {
      reject(this.#counts, 'long_row');
      const lastHeader = line.lastIndexOf(HEADER_START);
      if (lastHeader >= 0) {
        this.#useHeader(line.slice(lastHeader));
      }
      return;
    }
    const header = line.indexOf(HEADER_START);
    if (header >= 0) {
      // The row's last value may have lost digits with its line end, so what is left of it is not used.
      const glued = line.slice(0, header).replaceAll(/[\0"]/g, '');
      if (glued.trim() !== '') {
        reject(this.#counts, 'cut_row');
      }
      this.#useHeader(line.slice(header));
      return;
    }
    const damage = damageOf(line);
    if (damage) {
      reject(this.#counts, damage);
      return;
    }
    if (line.trim() === '') {
      return;
    }
    const cells = cellsOf(line, this.#separator);
    const ms = timestampOf(cells.shift() ?? '', this.#limits);
    if (isTooEarly(ms, this.#limits)) {
      return;
    }
    const reason = this.#takeCells(ms, cells);
    if (reason) {
      reject(this.#counts, reason);
    }
  }

  #useHeader(text: string): void {
    const { plugs, separator, isTrailed } = headerOf(text) ?? NO_HEADER;
    this.#columns = Int32Array.from(plugs, (plug) => this.#channelOf.get(plug) ?? NO_CHANNEL);
    this.#separator = separator;
    this.#separatorByte = separator.charCodeAt(0);
    this.#isTrailed = isTrailed;
    this.#target.row.fill(NaN);
  }

  #takeCells(ms: number | Reason, cells: string[]): Reason | undefined {
    const columns = this.#columns;
    if (columns.length === 0) {
      return 'no_header';
    }
    if (cells.length < columns.length) {
      return 'cut_row';
    }
    if (this.#isTrailed && cells.length === columns.length + 1 && cells.at(-1) === '') {
      cells.pop();
    }
    if (cells.length > columns.length) {
      return 'extra_fields';
    }
    if (typeof ms === 'string') {
      return ms;
    }
    let missing = 0;
    for (const [column, cell] of cells.entries()) {
      const channel = columns[column]!;
      let power: number | Reason = NaN;
      if (isMissing(cell)) {
        missing += 1;
      } else {
        power = powerOf(cell, this.#limits.maxPowerW);
      }
      if (typeof power === 'string') {
        return power;
      }
      if (channel !== NO_CHANNEL) {
        this.#target.row[channel] = power;
      } else if (!isMissing(cell)) {
        return 'unknown_plug';
      }
    }
    return this.#target.push(ms, missing);
  }
}
