/** How long things take until a query shows them: one question at a time, 50 ms apart while something is awaited. */
import { pauseUntil } from './pause.ts';

/** How often to ask for what is awaited, ms: the resolution of a measurement. */
export const POLL_MS = 50;

/** How often to ask when it isn't known yet what to await, ms. */
const IDLE_MS = 500;

/** Readings that may be awaited at once: ten minutes of one a second. Older ones are no longer measured. */
const MOST_AWAITED = 600;

/** Asks Druid for the newest instant it shows from `sinceMs` on; undefined when there is none. */
export type AskNewest = (sinceMs: number) => Promise<number | undefined>;

export interface ProbeOptions {
  readonly ask: AskNewest;
  /** Receives how long something took, ms. */
  readonly measured: (ms: number) => void;
  /** Receives the error of every query that was not answered. */
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Readings: from when each was sent until it is seen. */
export class ReadingProbe {
  readonly #options: ProbeOptions;
  #awaited: { readonly timestamp: number; readonly sentAt: number }[] = [];

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** @param timestamp as Druid stores it, a whole second; ms since the epoch. */
  sent(timestamp: number, sentAt: number): void {
    this.#awaited.push({ timestamp, sentAt });
    if (this.#awaited.length > MOST_AWAITED) {
      this.#awaited.shift();
    }
  }

  /** Asks until aborted. */
  async run(): Promise<void> {
    const { ask, measured, failed, signal } = this.#options;
    while (!signal.aborted) {
      const asked = Date.now();
      const oldest = this.#awaited[0];
      if (oldest) {
        const newest = await ask(oldest.timestamp).catch((error: unknown) => failed(error));
        const seenAt = Date.now();
        const isSeen = ({ timestamp }: { timestamp: number }): boolean => newest !== undefined && timestamp <= newest;
        for (const { sentAt } of this.#awaited.filter(isSeen)) {
          measured(seenAt - sentAt);
        }
        this.#awaited = this.#awaited.filter((reading) => !isSeen(reading));
      }
      await pauseUntil(asked + POLL_MS, signal);
    }
  }
}

/** Windows: from when each ended until it is seen. How far apart they end is learnt from the first two. */
export class WindowProbe {
  readonly #options: ProbeOptions;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** Asks until aborted. */
  async run(): Promise<void> {
    const { ask, measured, failed, signal } = this.#options;
    // Only windows that end from now on: how long others have been there to be seen is not known.
    let latest = Date.now();
    let slideMs: number | undefined;
    let isFirst = true;
    while (!signal.aborted) {
      const asked = Date.now();
      // The next window can't be seen before its end, and asking costs Druid more than waiting.
      const nextEnd = slideMs === undefined ? latest + 1 : latest + slideMs;
      if (asked < nextEnd && !isFirst) {
        await pauseUntil(Math.min(nextEnd, asked + IDLE_MS), signal);
        continue;
      }
      const newest = await ask(latest + 1).catch((error: unknown) => failed(error));
      const seenAt = Date.now();
      if (newest !== undefined) {
        // The first one may have been there before it was asked for.
        if (!isFirst) {
          slideMs = Math.min(slideMs ?? Infinity, newest - latest);
          measured(Math.max(0, seenAt - newest));
        }
        isFirst = false;
        latest = newest;
      }
      await pauseUntil(asked + (isFirst ? IDLE_MS : POLL_MS), signal);
    }
  }
}
