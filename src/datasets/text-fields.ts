/**
 * Fields as text, by the letter. The byte parsers read the plain shape of a row themselves and leave every other row
 * to these functions, which decide what is wrong with it.
 */
import { EARLIEST_MS, MAX_ROW_BYTES, type Reason, type RowLimits } from './rows.ts';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const SECONDS = /^(\d{1,13})(?:\.(\d*))?$/;

/** @returns W, or why the field is no power. Python writes small floats as `5.2e-05`, so exponents are numbers here. */
export function powerOf(field: string, maxPowerW: number): number | Reason {
  if (/^[+-]?nan$/i.test(field)) return 'nan_power';
  if (/^[+-]?inf(?:inity)?$/i.test(field)) return 'infinite_power';
  if (!DECIMAL.test(field)) return 'bad_number';
  const power = Number(field);
  if (!Number.isFinite(power)) return 'infinite_power';
  if (power < 0) return 'negative_power';
  return power > maxPowerW ? 'absurd_power' : power;
}

/** @returns ms since the epoch, rounded half up from decimal seconds, or why the field is no instant. */
export function timestampOf(field: string, latestMs: number): number | Reason {
  const match = SECONDS.exec(field);
  if (!match) return 'bad_number';
  const fraction = `${match[2] ?? ''}0000`;
  const ms = Number(match[1]) * 1_000 + Number(fraction.slice(0, 3)) + (fraction.charAt(3) >= '5' ? 1 : 0);
  return clockReason(ms, latestMs) ?? ms;
}

/** Why an instant can't have been measured. */
export function clockReason(ms: number, latestMs: number): Reason | undefined {
  if (ms < EARLIEST_MS) return 'unset_clock';
  return ms > latestMs ? 'future_clock' : undefined;
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
  if (line.length > MAX_ROW_BYTES) return 'long_row';
  return line.includes('\0') ? 'nul_bytes' : undefined;
}
