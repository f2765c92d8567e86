/**
 * Tells that the process was stopped: by SIGSTOP, with its machine, or by a machine that had no time for it. What it
 * sends afterwards is the past to others: Spark's watermark has moved meanwhile.
 */
import { WATERMARK_MS } from './grid-clock.ts';

/** A process that did nothing for this long counts as stopped, ms: what it sends then may already be too late. */
export const STOPPED_MS = 0.75 * WATERMARK_MS;
const BEAT_MS = 100;

export class Heartbeat {
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #beatMs: number;
  #resumedMs = -Infinity;

  /** @param now the wall clock, ms: other clocks stand still while a machine sleeps. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#beatMs = now();
    // It does not keep the process from ending.
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  /** When the process resumed after it was last stopped, ms since the epoch; -Infinity before. Right at any moment. */
  get resumedMs(): number {
    // Answers of brokers come before timers ring.
    this.#beat();
    return this.#resumedMs;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const nowMs = this.#now();
    if (nowMs - this.#beatMs > STOPPED_MS) {
      this.#resumedMs = nowMs;
    }
    this.#beatMs = nowMs;
  }
}
