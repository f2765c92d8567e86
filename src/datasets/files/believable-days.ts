/**
 * From which to which day a house was measured, however many of its rows have a wrong clock.
 *
 * A meter that lost power starts at a date of its maker's, and a clock set wrong is years off. One such row among
 * millions must not stretch a house's loop over years of silence. Nothing in the row tells it from a good one; that it
 * stands far from all others does. So a silence must be worth it: what lies beyond it must hold enough.
 */
import type { TalliedDay } from './day-tally.ts';

/**
 * How many days of silence a whole day of readings beyond them is worth, and the most that is believed at all. The
 * longest gap of REDD is 31 days, with about a day of readings after it; at a row or two beyond, hours are the most.
 */
const MOST_SILENT_DAYS = 366;

/** A day with readings in less than this share of a typical day's time is silent: half an hour of 24 h. */
const SILENT_SHARE = 0.02;

/** How far from the others a silent day with a few readings may lie: those that ran over midnight. */
const NEAR_DAYS = 1;

/** A day of a quarter of a typical day's rows counts as whole if it has them at all times of the day. */
const WHOLE_ROWS = 4;

/** What is typical of a house: of the day that half of all rows lie at or below. */
export interface TypicalDay {
  readonly rows: number;
  readonly rowSlots: number;
  readonly readingSlots: number;
}

export interface BelievableDays {
  /** The days that have rows, in order. */
  readonly days: readonly TalliedDay[];
  /** The first and the last day from which a row is believed. */
  readonly firstDay: number;
  readonly lastDay: number;
  readonly typical: TypicalDay;
}

/** Consecutive days, each with rows for more than a moment. */
interface Stretch {
  readonly first: number;
  last: number;
  rows: number;
  /** In typical days. */
  weight: number;
}

/** Whether a day has no readings or nearly none, measured by a typical one. */
export function isSilent(day: TalliedDay, typical: TypicalDay): boolean {
  return day.readingSlots < SILENT_SHARE * typical.readingSlots;
}

/** @param days all that have rows, in order. */
export function believableDays(days: readonly TalliedDay[]): BelievableDays {
  const typical = {
    rows: medianBy(days, ({ rows }) => rows),
    rowSlots: medianBy(days, ({ rowSlots }) => rowSlots),
    readingSlots: medianBy(days, ({ readingSlots }) => readingSlots),
  };
  const stretches: Stretch[] = [];
  for (const day of days) {
    if (day.rowSlots < SILENT_SHARE * typical.rowSlots) {
      continue;
    }
    const last = stretches.at(-1);
    const weight = Math.min(1, day.rowSlots / typical.rowSlots, (WHOLE_ROWS * day.rows) / typical.rows);
    if (last?.last === day.day - 1) {
      last.last = day.day;
      last.rows += day.rows;
      last.weight += weight;
    } else {
      stretches.push({ first: day.day, last: day.day, rows: day.rows, weight });
    }
  }
  const main = stretches.reduce<Stretch | undefined>(
    (most, one) => (most && most.rows >= one.rows ? most : one),
    undefined,
  );
  if (!main) {
    return { days: [], firstDay: -Infinity, lastDay: Infinity, typical };
  }
  const at = stretches.indexOf(main);
  const first = reach(main, stretches.slice(0, at).reverse(), (inner, outer) => inner.first - outer.last).first;
  const last = reach(main, stretches.slice(at + 1), (inner, outer) => outer.first - inner.last).last;
  const [firstDay, lastDay] = [first - NEAR_DAYS, last + NEAR_DAYS];
  return { days: days.filter(({ day }) => day >= firstDay && day <= lastDay), firstDay, lastDay, typical };
}

/** How far out it is worth going from `main`. @param outwards the stretches on one side of it, the nearest first. */
function reach(
  main: Stretch,
  outwards: readonly Stretch[],
  daysBetween: (inner: Stretch, outer: Stretch) => number,
): Stretch {
  let reached = main;
  let inner = main;
  let silent = 0;
  let weight = 0;
  for (const outer of outwards) {
    const gap = daysBetween(inner, outer) - 1;
    if (gap > MOST_SILENT_DAYS) {
      break;
    }
    silent += gap;
    weight += outer.weight;
    inner = outer;
    if (silent > MOST_SILENT_DAYS * weight) {
      continue;
    }
    reached = outer;
    silent = 0;
    weight = 0;
  }
  return reached;
}

/** The value of the day that half of all rows lie at or below. */
function medianBy(days: readonly TalliedDay[], valueOf: (day: TalliedDay) => number): number {
  const sorted = [...days].sort((a, b) => valueOf(a) - valueOf(b));
  const half = days.reduce((sum, { rows }) => sum + rows, 0) / 2;
  let sum = 0;
  for (const day of sorted) {
    sum += day.rows;
    if (sum >= half) {
      return valueOf(day);
    }
  }
  return 0;
}
