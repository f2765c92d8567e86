/** When history is made: every half history window of grid time, but never more often than Airflow can keep up with. */
import type { GridClock } from '../core/clock/grid-clock.ts';

/** The shortest time between two slots, wall-clock ms: a run of Airflow's scheduler and of the program takes seconds. */
export const SHORTEST_INTERVAL_MS = 25_000;

/** The days that a usual power is the mean of, as in the seed. */
export const DEFAULT_DAYS = 5;

/** Slots are the whole multiples of `intervalMs` since the epoch, so that every run agrees on where they lie. */
export interface HistorySchedule {
  /** Half a history window, wall-clock ms: where slots would lie if Airflow could keep up at any speed. */
  readonly halfWindowMs: number;
  /** Every how many half windows there is a slot: 1 up to a speed of 24. */
  readonly everyNth: number;
  /** Time from slot to slot, wall-clock ms: `everyNth` half windows, at least {@link SHORTEST_INTERVAL_MS}. */
  readonly intervalMs: number;
}

export function historySchedule(clock: GridClock): HistorySchedule {
  const halfWindowMs = Math.round(clock.historyWindowMs / 2);
  const everyNth = Math.ceil(SHORTEST_INTERVAL_MS / halfWindowMs);
  return { halfWindowMs, everyNth, intervalMs: halfWindowMs * everyNth };
}
