/** The clock on the wall of a time zone: which local day an instant is in, whatever summer time does. */

const DAY_MS = 86_400_000;

/** From an instant on, local clocks are ahead of UTC by so much. */
export interface OffsetChange {
  /** ms since the epoch. */
  readonly atMs: number;
  /** ms. */
  readonly offsetMs: number;
}

/** Whether there is an IANA time zone of this name, such as `Europe/London`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export class LocalClock {
  readonly #format: Intl.DateTimeFormat;
  /** Offsets at midnights of UTC, by day: asking Intl takes microseconds. */
  readonly #offsets = new Map<number, number>();
  /** A span of time with one offset, which the last answer was from. */
  #fromMs = Infinity;
  #toMs = -Infinity;
  #offsetMs = 0;

  /** @param timeZone IANA name. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** By how much local clocks are ahead of UTC at an instant, ms. */
  offsetAt(ms: number): number {
    if (!(ms >= this.#fromMs && ms < this.#toMs)) {
      this.#moveTo(ms);
    }
    return this.#offsetMs;
  }

  /** What a local clock shows at an instant, in ms since it showed the start of 1970. */
  localAt(ms: number): number {
    return ms + this.offsetAt(ms);
  }

  /** The local day of an instant, in days since 1970-01-01. */
  dayOf(ms: number): number {
    return Math.floor(this.localAt(ms) / DAY_MS);
  }

  /** The first instant of a local day, ms since the epoch: midnight, unless the clock is set forward over it. */
  startOf(day: number): number {
    const local = day * DAY_MS;
    for (const offset of [this.offsetAt(local - DAY_MS), this.offsetAt(local + DAY_MS)]) {
      const start = local - offset;
      if (this.dayOf(start) === day && this.dayOf(start - 1) < day) {
        return start;
      }
    }
    const [change] = this.changes(local - DAY_MS, local + DAY_MS);
    return change?.atMs ?? local - this.offsetAt(local);
  }

  /** The changes of the offset after `fromMs` and before `toMs`, in order. */
  changes(fromMs: number, toMs: number): OffsetChange[] {
    const found: OffsetChange[] = [];
    let offsetMs = this.offsetAt(fromMs);
    for (let ms = fromMs; ms < toMs; ms = this.#toMs) {
      this.#moveTo(ms);
      if (this.#offsetMs === offsetMs) {
        continue;
      }
      offsetMs = this.#offsetMs;
      found.push({ atMs: this.#fromMs, offsetMs });
    }
    return found;
  }

  /** A day of UTC has one offset, or two with a change between. */
  #moveTo(ms: number): void {
    const day = Math.floor(ms / DAY_MS);
    const startMs = day * DAY_MS;
    const endMs = startMs + DAY_MS;
    const [first, last] = [this.#atMidnight(day), this.#atMidnight(day + 1)];
    let [before, after] = [startMs, endMs];
    if (first !== last) {
      while (after - before > 1_000) {
        const middle = Math.floor((before + after) / 2_000) * 1_000;
        if (this.#ask(middle) === first) {
          before = middle;
        } else {
          after = middle;
        }
      }
    }
    const isBefore = ms < after;
    this.#fromMs = isBefore ? startMs : after;
    this.#toMs = isBefore ? after : endMs;
    this.#offsetMs = isBefore ? first : last;
  }

  #atMidnight(day: number): number {
    const known = this.#offsets.get(day);
    if (known !== undefined) {
      return known;
    }
    const offset = this.#ask(day * DAY_MS);
    this.#offsets.set(day, offset);
    return offset;
  }

  #ask(ms: number): number {
    const part = Object.fromEntries(this.#format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
  }
}
