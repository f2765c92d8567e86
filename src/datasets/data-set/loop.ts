/**
 * The local days of a house's readings, which a replay repeats.
 *
 * A loop begins at a local midnight of the house and holds whole local days, so that breakfast is at breakfast time in
 * every round. A day of the loop is 24 h of grid time, whatever the local one has: where the clock is set forward an
 * hour of it stays empty, and where it is set back what was measured in the hour before and after is replayed in one.
 */
import { GRID_TIME } from '../../core/clock/grid-clock.ts';
import { LocalClock } from '../../core/clock/local-clock.ts';
import type { Extent, House, HouseDay } from './data-set.ts';
import { DataSetError } from './errors.ts';

const DAY_MS = GRID_TIME.dayMs;

/** An edge that holds a larger share of a house's readings is replayed, even if that takes a day which is nearly silent. */
const MAX_EDGE_SHARE = 0.1;

/** From an instant on, local clocks are ahead of what they were at the start of the loop. */
export interface ClockChange {
  /** ms since the epoch. */
  readonly atMs: number;
  /** By how much, ms; negative where they are behind. */
  readonly byMs: number;
}

export interface HouseLoop {
  /** The first local midnight, ms since the epoch. */
  readonly startMs: number;
  /** How many local days the loop has: at least 1. */
  readonly days: number;
  /** Changes of the local clock within the loop, in order. */
  readonly changes: readonly ClockChange[];
  /** How many readings it holds, and how many the house has; repeated ones count. */
  readonly readings: number;
  readonly allReadings: number;
  /** How many of its days have no readings, or less than half an hour of them where others are full. */
  readonly silentDays: number;
}

/**
 * The loop of a house: the local days from its first reading to its last one. Readings of at most the maximum gap before
 * the first midnight or after the last one are no reason for another day, unless they are more than a tenth of all.
 *
 * @param timeZone IANA zone of the data set.
 * @throws DataSetError when the house has no usable readings.
 */
export async function loopOf(house: House, timeZone: string): Promise<HouseLoop> {
  const extent = await house.extent();
  if (!extent) {
    throw new DataSetError(`house ${house.id} has no usable readings${describeRejected(house)}`);
  }
  const clock = new LocalClock(timeZone);
  const days = withoutEdges(extent, clock);
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) {
    throw new RangeError(`house ${house.id} has readings in no day`);
  }
  const startMs = clock.startOf(first.day);
  const offsetMs = first.day * DAY_MS - startMs;
  const length = last.day - first.day + 1;
  return {
    startMs,
    days: length,
    changes: clock
      .changes(startMs - 1, startMs + (length + 1) * DAY_MS)
      .map((change) => ({ atMs: change.atMs, byMs: change.offsetMs - offsetMs })),
    readings: readingsOf(days),
    allReadings: house.surveyed.readings,
    silentDays: length - days.filter(({ isSilent }) => !isSilent).length,
  };
}

/** From when to before when a reading was measured that is in the loop, ms since the epoch. */
export function spanOf({ startMs, days, changes }: Pick<HouseLoop, 'startMs' | 'days' | 'changes'>): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  const endMs = startMs + days * DAY_MS;
  return { fromMs: startMs, toMs: endMs - (changes.findLast(({ atMs, byMs }) => atMs <= endMs - byMs)?.byMs ?? 0) };
}

const readingsOf = (days: readonly HouseDay[]): number => days.reduce((sum, { readings }) => sum + readings, 0);

/** The days with readings, but for a first one that ends the next day's night and a last one that begins its own. */
function withoutEdges({ days }: Extent, clock: LocalClock): readonly HouseDay[] {
  const [first, second] = days;
  const [last, before] = [days.at(-1), days.at(-2)];
  if (!first || !last || !second || !before) {
    return days;
  }
  const { maxGapMs } = GRID_TIME;
  const afterMidnight = (ms: number): number => ms - clock.startOf(clock.dayOf(ms));
  const beforeMidnight = (ms: number): number => clock.startOf(clock.dayOf(ms) + 1) - ms;
  const all = readingsOf(days);
  const isEdge = (day: HouseDay, next: HouseDay): boolean =>
    Math.abs(day.day - next.day) === 1 && day.readings <= all * MAX_EDGE_SHARE;
  let from = 0;
  let to = days.length;
  if (isEdge(last, before) && afterMidnight(last.lastMs) <= maxGapMs && beforeMidnight(before.firstMs) > maxGapMs) {
    to -= 1;
  }
  if (
    to - from > 1 &&
    isEdge(first, second) &&
    beforeMidnight(first.firstMs) <= maxGapMs &&
    afterMidnight(second.lastMs) > maxGapMs
  ) {
    from += 1;
  }
  return days.slice(from, to);
}

/** Midnight at the start of the local day that holds an instant, or of a day `daysLater`, ms since the epoch. */
export function midnightOf(instantMs: number, timeZone: string, daysLater: number): number {
  const clock = new LocalClock(timeZone);
  return clock.startOf(clock.dayOf(instantMs) + daysLater);
}

function describeRejected(house: House): string {
  const { rows, rejected } = house.surveyed;
  if (rejected.size === 0) {
    return '';
  }
  const reasons = [...rejected].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return `: of ${rows} rows ${reasons}`;
}
