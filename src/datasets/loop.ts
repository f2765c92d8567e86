/**
 * Whole days of a house's readings: what a replay goes round in.
 *
 * A loop begins at a local midnight of the house, so that breakfast is at breakfast time, and is a whole number of days
 * long, so that it stays there. Days are 24 h of grid time. Where summer time begins or ends within the data, the local
 * time of day is an hour off from there to the next change: the instants between readings stay what was measured, and
 * over a year the shifts cancel.
 */
import { GRID_TIME } from '../clock/grid-clock.ts';
import type { House } from './data-set.ts';
import { DataSetError } from './errors.ts';

const DAY_MS = GRID_TIME.dayMs;

export interface HouseLoop {
  /** A local midnight, ms since the epoch: the first one that the readings hold; see {@link loopOf}. */
  readonly startMs: number;
  /** How many days of 24 h the loop has: at least 1. */
  readonly days: number;
}

/**
 * The loop of a house: from the first local midnight that its readings hold up to its last reading. Readings that begin
 * within the maximum gap after a midnight hold it; when they hold none, the loop begins at the midnight before the first.
 * The last day may be a part of one; the rest of it is a gap.
 *
 * @param timeZone IANA zone of the data set.
 * @throws DataSetError when the house has no readings, or a file can't be read.
 */
export async function loopOf(house: House, timeZone: string): Promise<HouseLoop> {
  const extent = await house.extent();
  if (!extent) throw new DataSetError(`house ${house.id} has no usable readings: see what inspect says of its rows`);
  const { firstMs, lastMs } = extent;
  const today = midnightOf(firstMs, timeZone, 0);
  const next = midnightOf(firstMs, timeZone, 1);
  // A day file's first row is a second or so after midnight. A reading stands for the time before it, at most the
  // maximum gap, so such a day is whole.
  const startMs = firstMs - today <= GRID_TIME.maxGapMs || next >= lastMs ? today : next;
  return { startMs, days: Math.max(1, Math.ceil((lastMs - startMs) / DAY_MS)) };
}

/** Midnight at the start of the local day that holds an instant, or of a day `daysLater`, ms since the epoch. */
export function midnightOf(instantMs: number, timeZone: string, daysLater: number): number {
  const local = new Date(instantMs + offsetAt(instantMs, timeZone));
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + daysLater);
  // Two steps, as the first guess may lie on the other side of a change of summer time. No zone of a data set changes
  // at midnight.
  const near = midnight - offsetAt(midnight, timeZone);
  return midnight - offsetAt(near, timeZone);
}

/** By how much local time is ahead of UTC, ms. */
function offsetAt(instantMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1_000) * 1_000;
}
