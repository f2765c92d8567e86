/** How late readings are handed to the sender, as a distribution in constant memory. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** ms; of no readings all are 0. */
export interface LatenessFigures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A day: nothing that is later than that is worth telling apart. */
const HIGHEST_MS = 86_400_000;

/** Exact to the ms up to a second, to a thousandth above. */
const OPTIONS = { lowest: 1, highest: HIGHEST_MS, figures: 3 } as const;

export class Lateness {
  /** The clock that lateness is told by, wall-clock ms; the sender sets it. */
  nowMs = 0;
  readonly #recent: RecordableHistogram = createHistogram(OPTIONS);
  readonly #whole: RecordableHistogram = createHistogram(OPTIONS);

  /** What fell due at `dueMs` is dealt with now; Infinity: nothing has to be. */
  note(dueMs: number): void {
    // The histogram begins at 1: what is on time goes there, and is taken off again in the figures.
    this.#recent.record(Math.min(HIGHEST_MS, Math.max(0, Math.round(this.nowMs - dueMs)) + 1));
  }

  /** The figures since this was last asked. */
  take(): LatenessFigures {
    const figures = figuresOf(this.#recent);
    this.#whole.add(this.#recent);
    this.#recent.reset();
    return figures;
  }

  /** The figures of all readings so far. */
  takeWhole(): LatenessFigures {
    this.take();
    return figuresOf(this.#whole);
  }
}

function figuresOf(histogram: RecordableHistogram): LatenessFigures {
  if (histogram.count === 0) {
    return { p50: 0, p99: 0, max: 0 };
  }
  return { p50: histogram.percentile(50) - 1, p99: histogram.percentile(99) - 1, max: histogram.max - 1 };
}
