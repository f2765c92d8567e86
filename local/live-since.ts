import { WATERMARK_MS } from '../src/core/clock/grid-clock.ts';

/** How long Druid may take over a backfill at most before a run counts as live all the same, ms. */
const CATCH_UP_MS = 60_000;

/**
 * Since when a run is live: figures are there, and a reading that is sent now can be queried within the watermark. Druid
 * that is still busy with the backfill shows figures too, of a grid of minutes ago; 60 s after the first of them a run
 * counts as live all the same.
 */
export class LiveSince {
  /** Ms since the epoch; Infinity until then. */
  ms = Infinity;
  #figuresSinceMs = Infinity;
  #isCaughtUp = false;

  /** A reading could be queried so many ms after it was made. */
  onFreshness(freshnessMs: number): void {
    this.#isCaughtUp ||= freshnessMs < WATERMARK_MS;
  }

  /** Druid has answered with figures. @param nowMs ms since the epoch. @returns whether this made the run live. */
  onFigures(nowMs: number): boolean {
    this.#figuresSinceMs = Math.min(this.#figuresSinceMs, nowMs);
    if (this.ms < Infinity || !(this.#isCaughtUp || nowMs - this.#figuresSinceMs > CATCH_UP_MS)) {
      return false;
    }
    this.ms = nowMs;
    return true;
  }
}
