/** The spans of the past that a slot's usual power is taken from. */
import type { GridClock } from '../core/clock/grid-clock.ts';

/** Druid keeps powerraw by the second: what it holds of a span is what lies in its whole seconds. */
const SECOND_MS = 1_000;

/** From `fromMs` on and before `toMs`, whole seconds in wall-clock ms since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The same time of day on each of the last `days` grid days, newest first: from one history window before to one after
 * the slot's moment.
 *
 * @param slotMs the slot, wall-clock ms since the epoch.
 */
export function spansBefore(slotMs: number, clock: GridClock, days: number): Span[] {
  const wholeSeconds = (ms: number): number => Math.floor(ms / SECOND_MS) * SECOND_MS;
  return Array.from({ length: days }, (_, index) => {
    const momentMs = slotMs - (index + 1) * clock.dayMs;
    return {
      fromMs: wholeSeconds(momentMs - clock.historyWindowMs),
      toMs: wholeSeconds(momentMs + clock.historyWindowMs),
    };
  });
}
