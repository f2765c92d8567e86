import { sleep } from '../core/clock/timers.ts';

/** Waits until an instant of the wall clock, ms since the epoch, or until aborted. */
export function pauseUntil(untilMs: number, signal: AbortSignal): Promise<void> {
  return sleep(Math.max(1, untilMs - Date.now()), signal);
}
