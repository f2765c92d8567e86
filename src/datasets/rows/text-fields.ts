/**
 * Fields as text, by the letter. The byte parsers read the plain shape of a row themselves and leave every other row
 * to these functions, which decide what is wrong with it. What spreadsheets and old loggers make of a row is read where
 * it can mean one thing only.
 */
import { EARLIEST_MS, MAX_ROW_BYTES, type Reason, type RowLimits } from './rows.ts';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const WITH_COMMA = /^[+-]?\d+,\d+$/;
const DATE = /^\d{4}-\d{2}-\d{2}/;
const SECONDS = /^(\d{1,13})(?:\.(\d*))?$/;

/** @returns W, or why the field is no power. Python writes small floats as `5.2e-05`, so exponents are numbers here. */
export function powerOf(field: string, maxPowerW: number): number | Reason {
  if (/^[+-]?nan$/i.test(field)) {
    return 'nan_power';
  }
  if (/^[+-]?inf(?:inity)?$/i.test(field)) {
    return 'infinite_power';
  }
  if (!DECIMAL.test(field)) {
    return WITH_COMMA.test(field) ? 'decimal_comma' : 'bad_number';
  }
  const power = Number(field);
  if (!Number.isFinite(power)) {
    return 'infinite_power';
  }
  if (power < 0) {
    return 'negative_power';
  }
  return power > maxPowerW ? 'absurd_power' : power;
}

/** @returns ms since the epoch, rounded half up from decimal seconds, or why the field is no instant. */
export function timestampOf(field: string, limits: Omit<RowLimits, 'fromMs' | 'maxPowerW'>): number | Reason {
  const match = SECONDS.exec(field);
  if (!match) {
    if (DATE.test(field)) {
      return 'date_not_seconds';
    }
    return WITH_COMMA.test(field) ? 'decimal_comma' : 'bad_number';
  }
  const fraction = `${match[2] ?? ''}0000`;
  const ms = Number(match[1]) * 1_000 + Number(fraction.slice(0, 3)) + (fraction.charAt(3) >= '5' ? 1 : 0);
  return clockReason(ms, limits) ?? ms;
}

/** Why an instant can't have been measured. */
export function clockReason(
  ms: number,
  { earliestMs, latestMs, nowMs }: Omit<RowLimits, 'fromMs' | 'maxPowerW'>,
): Reason | undefined {
  if (ms < EARLIEST_MS) {
    return 'unset_clock';
  }
  if (ms > nowMs) {
    return 'future_clock';
  }
  return ms < earliestMs || ms > latestMs ? 'stray_clock' : undefined;
}

/** The lines of a text that may have line ends of old Macs, CR alone, among others. */
export function linesOf(text: string): readonly string[] {
  return text.includes('\r') ? text.split('\r') : [text];
}

/**
 * The fields of a row of REDD: semicolons separate them, or a comma if one follows the first, or blanks. Another
 * separator at the end separates nothing.
 */
export function fieldsOf(text: string): readonly string[] {
  const separator = text.includes(';') ? ';' : /^"?[\d.]*"?\s*(,)/.exec(text)?.[1];
  if (separator === undefined) {
    return text.split(/[ \t]+/).map(unquoted);
  }
  const fields = cellsOf(text, separator);
  return fields.at(-1) === '' ? fields.slice(0, -1) : fields;
}

/** The cells of a row between separators, without blanks and quotes around them: one within quotes separates nothing. */
export function cellsOf(text: string, separator: string): string[] {
  if (!text.includes('"')) {
    return text.split(separator).map((cell) => cell.trim());
  }
  const cells: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at <= text.length; at += 1) {
    if (text[at] === '"') {
      isQuoted = !isQuoted;
    }
    if (at < text.length && (isQuoted || text[at] !== separator)) {
      continue;
    }
    cells.push(unquoted(text.slice(from, at).trim()));
    from = at + 1;
  }
  return cells;
}

/** A cell without the quotes around it. */
function unquoted(cell: string): string {
  return cell.length > 1 && cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1).trim() : cell;
}

/** Whether a cell says that there is no value. */
export function isMissing(cell: string): boolean {
  return cell === '' || cell.toUpperCase() === 'NULL';
}

/** Whether a row with this timestamp is before the first that is asked for. */
export function isTooEarly(ms: number | Reason, limits: RowLimits): boolean {
  return typeof ms === 'number' && ms < limits.fromMs;
}

/** Why a line can't be a row, whatever its fields. */
export function damageOf(line: string): Reason | undefined {
  if (line.length > MAX_ROW_BYTES) {
    return 'long_row';
  }
  return line.includes('\0') ? 'nul_bytes' : undefined;
}
