/**
 * The one place where durations of grid time become durations of the wall clock.
 *
 * Data sets are replayed `speed` times faster than the clock while messages carry wall-clock timestamps, so every
 * duration that belongs to the grid (a window, a day) shrinks by `speed`; engines get the converted milliseconds as
 * plain arguments and know nothing of speed. The watermark is not here: lateness is a matter of the network, not of
 * the grid, and stays in wall-clock time.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Durations of grid time, in ms of grid time. */
export const GRID_TIME = {
  /** How often a duty-cycle window starts: a fifth of the window. */
  slideMs: 2 * MINUTE_MS,
  /** The longest time that one reading may stand for; a longer silence stands for this long. */
  maxGapMs: 30 * SECOND_MS,
  /** Half the span of a history slot: it starts one history window before, and ends one after, its moment. */
  historyWindowMs: 20 * MINUTE_MS,
  dayMs: 24 * HOUR_MS,
} as const;

/** A duty-cycle window is a whole number of slides, so that every reading lies in exactly this many windows. */
export const SLIDES_PER_WINDOW = 5;

/** The slowest and the fastest replay: 1 is a real meter, 120 makes a slide one second. */
export const SPEED_RANGE = { min: 1, max: 120 } as const;

/** The speed of the seed's replay. */
export const DEFAULT_SPEED = 24;

/** Spark's watermark, in wall-clock ms. */
export const WATERMARK_MS = 2_000;

/**
 * A duration of grid time on the wall clock, in whole ms.
 *
 * @param gridMin minutes of grid time.
 * @param speed grid seconds per wall-clock second.
 * @param round Default: to the nearest.
 */
export function wallMs(gridMin: number, speed: number, round: (ms: number) => number = Math.round): number {
  return round((gridMin * MINUTE_MS) / speed);
}

/** The grid's durations on the wall clock, each in whole ms. */
export interface GridClock {
  /** Grid seconds per wall-clock second. */
  readonly speed: number;
  /** Length of a duty-cycle window: {@link SLIDES_PER_WINDOW} slides. */
  readonly windowMs: number;
  readonly slideMs: number;
  readonly maxGapMs: number;
  readonly historyWindowMs: number;
  readonly dayMs: number;
}

/**
 * The durations of the grid on the wall clock at `speed`.
 *
 * @param speed grid seconds per wall-clock second, within {@link SPEED_RANGE}.
 * @throws RangeError when `speed` is outside of that range or not a number.
 */
export function gridClock(speed: number): GridClock {
  if (!(speed >= SPEED_RANGE.min && speed <= SPEED_RANGE.max)) {
    throw new RangeError(`speed must be ${SPEED_RANGE.min} to ${SPEED_RANGE.max}, not ${speed}`);
  }
  const onTheClock = (gridMs: number): number => Math.round(gridMs / speed);
  const slideMs = onTheClock(GRID_TIME.slideMs);
  return {
    speed,
    slideMs,
    windowMs: slideMs * SLIDES_PER_WINDOW,
    maxGapMs: onTheClock(GRID_TIME.maxGapMs),
    historyWindowMs: onTheClock(GRID_TIME.historyWindowMs),
    dayMs: onTheClock(GRID_TIME.dayMs),
  };
}
