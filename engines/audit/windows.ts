import { SLIDES_PER_WINDOW } from '../../src/core/clock/grid-clock.ts';
import { WindowSet } from './window-set.ts';

/** How the windows that Spark wrote compare with those expected from this run's readings. */
export interface WindowAudit {
  /** Distinct (appliance, window) that hold a reading and end no later than the newest event time less the watermark. */
  readonly expected: number;
  /** Distinct (appliance, window) in the topic. */
  readonly found: number;
  /** Messages beyond the first for the same (appliance, window). */
  readonly repeats: number;
  /** Expected and not found. */
  readonly missing: number;
  /** Found and not expected. */
  readonly unexpected: number;
}

/** Computes from readings which windows are expected, independently of Spark, and compares the topic's with them. */
export class WindowAuditor {
  readonly #slideMs: number;
  readonly #watermarkMs: number;
  readonly #expected: WindowSet;
  readonly #found: WindowSet;
  #repeats = 0;
  #newestMs = 0;

  /**
   * @param slideMs wall-clock ms; a window is {@link SLIDES_PER_WINDOW} of them.
   * @param watermarkMs wall-clock ms.
   * @param fromMs no reading is older, ms since the epoch.
   */
  constructor(slideMs: number, watermarkMs: number, fromMs: number) {
    this.#slideMs = slideMs;
    this.#watermarkMs = watermarkMs;
    this.#expected = new WindowSet(slideMs, fromMs);
    this.#found = new WindowSet(slideMs, fromMs);
  }

  /** The newest event time among the readings, ms since the epoch; 0 before the first. */
  get newestMs(): number {
    return this.#newestMs;
  }

  reading(appliance: string, timestampMs: number): void {
    if (timestampMs > this.#newestMs) {
      this.#newestMs = timestampMs;
    }
    // Windows hold their start and not their end, so a reading on a multiple of the slide starts one.
    const firstEnd = (Math.floor(timestampMs / this.#slideMs) + 1) * this.#slideMs;
    for (let k = 0; k < SLIDES_PER_WINDOW; k += 1) {
      this.#expected.add(appliance, firstEnd + k * this.#slideMs);
    }
  }

  dutyCycle(appliance: string, windowEndMs: number): void {
    if (!this.#found.add(appliance, windowEndMs)) {
      this.#repeats += 1;
    }
  }

  /** The comparison as things stand: final once producers have stopped and Spark has read to the end. */
  audit(): WindowAudit {
    const closedMs = this.#newestMs - this.#watermarkMs;
    let [expected, missing] = [0, 0];
    for (const { appliance, windowEnd } of this.#expected) {
      if (windowEnd > closedMs) {
        continue;
      }
      expected += 1;
      if (!this.#found.has(appliance, windowEnd)) {
        missing += 1;
      }
    }
    const found = this.#found.size;
    return { expected, found, repeats: this.#repeats, missing, unexpected: found - (expected - missing) };
  }
}
