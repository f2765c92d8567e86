/* eslint-disable @typescript-eslint/no-non-null-assertion -- bytes in a hot loop, every index bounded by it */
/** Rows of a REDD channel file: `<UTC s> <W>`, from bytes. */
import { type FileCounts, type Reason, reject, type RowLimits, type RowTarget } from '../rows/rows.ts';
import { clockReason, damageOf, fieldsOf, isTooEarly, linesOf, powerOf, timestampOf } from '../rows/text-fields.ts';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** Up to this many digits a decimal fraction of two doubles is exact to half a unit in the last place. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * Takes whole lines into `target`.
 *
 * Rows of the plain shape `digits space digits[.digits]` are read from their bytes; every other row is looked at as
 * text, where it is either a number in another spelling or gets its reason.
 */
export function takeReddRows(
  bytes: Buffer,
  length: number,
  target: RowTarget,
  counts: FileCounts,
  limits: RowLimits,
): void {
  const { fromMs, earliestMs, latestMs, maxPowerW } = limits;
  let at = 0;
  while (at < length) {
    const start = at;
    let seconds = 0;
    let byte = bytes[at]!;
    while (byte >= ZERO && byte <= NINE) {
      seconds = seconds * 10 + (byte - ZERO);
      byte = bytes[++at]!;
    }
    const secondsDigits = at - start;
    if (byte === SPACE && secondsDigits > 0 && secondsDigits <= 11) {
      byte = bytes[++at]!;
      const firstDigit = at;
      let mantissa = 0;
      let digits = 0;
      let decimals = 0;
      while (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + (byte - ZERO);
        byte = bytes[++at]!;
      }
      digits = at - firstDigit;
      if (byte === POINT && digits > 0) {
        byte = bytes[++at]!;
        const firstDecimal = at;
        while (byte >= ZERO && byte <= NINE) {
          mantissa = mantissa * 10 + (byte - ZERO);
          byte = bytes[++at]!;
        }
        decimals = at - firstDecimal;
        digits += decimals;
      }
      if (byte === RETURN) {
        byte = bytes[++at]!;
      }
      if (byte === NEWLINE && digits > 0 && digits <= EXACT_DIGITS) {
        at += 1;
        const ms = seconds * 1_000;
        if (ms < fromMs) {
          continue;
        }
        const power = mantissa / POWERS_OF_TEN[decimals]!;
        let reason: Reason | undefined;
        if (ms < earliestMs || ms > latestMs) {
          reason = clockReason(ms, limits);
        } else if (power > maxPowerW) {
          reason = 'absurd_power';
        } else {
          target.row[0] = power;
          reason = target.push(ms, 0);
        }
        if (reason) {
          reject(counts, reason);
        }
        continue;
      }
    }
    // A block holds whole lines, so there is a line end.
    const end = bytes.indexOf(NEWLINE, start);
    for (const line of linesOf(bytes.toString('latin1', start, end))) {
      takeLine(line, target, counts, limits);
    }
    at = end + 1;
  }
}

/** One row as text, without its line end. A blank line is no row. */
function takeLine(line: string, target: RowTarget, counts: FileCounts, limits: RowLimits): void {
  const damage = damageOf(line);
  if (damage) {
    reject(counts, damage);
    return;
  }
  const text = line.trim();
  if (text === '') {
    return;
  }
  const fields = fieldsOf(text);
  const ms = timestampOf(fields[0] ?? '', limits);
  if (isTooEarly(ms, limits)) {
    return;
  }
  const reason = takeFields(fields, ms, target, limits);
  if (reason) {
    reject(counts, reason);
  }
}

function takeFields(
  fields: readonly string[],
  ms: number | Reason,
  target: RowTarget,
  limits: RowLimits,
): Reason | undefined {
  if (fields.length < 2) {
    return 'cut_row';
  }
  if (fields.length > 2) {
    return 'extra_fields';
  }
  if (typeof ms === 'string') {
    return ms;
  }
  const power = powerOf(fields[1] ?? '', limits.maxPowerW);
  if (typeof power === 'string') {
    return power;
  }
  target.row[0] = power;
  return target.push(ms, 0);
}
