/** Counts rows by local day, in constant memory for each day that has any. */
import type { LocalClock } from '../../core/clock/local-clock.ts';

const DAY_MS = 86_400_000;
/** How finely it is noted when a day has rows: 5 min. */
const SLOT_MS = 300_000;
const SLOTS = DAY_MS / SLOT_MS;

/** A local day with rows. */
export interface TalliedDay {
  /** Days since 1970-01-01, local. */
  readonly day: number;
  readonly rows: number;
  readonly readings: number;
  /** In how many of its 288 spans of 5 min it has rows, and readings, whatever their rate. */
  readonly rowSlots: number;
  readonly readingSlots: number;
  /** Its first and last row with a reading, ms since the epoch; Infinity and -Infinity without any. */
  readonly firstMs: number;
  readonly lastMs: number;
}

class Day {
  rows = 0;
  readings = 0;
  firstMs = Infinity;
  lastMs = -Infinity;
  /** 0 nothing, 1 a row, 2 a reading. */
  readonly slots = new Uint8Array(SLOTS);

  add(other: Day): void {
    this.rows += other.rows;
    this.readings += other.readings;
    this.firstMs = Math.min(this.firstMs, other.firstMs);
    this.lastMs = Math.max(this.lastMs, other.lastMs);
    for (const [slot, mark] of other.slots.entries()) {
      this.slots[slot] = Math.max(this.slots[slot] ?? 0, mark);
    }
  }
}

export class DayTally {
  readonly #clock: LocalClock;
  readonly #days = new Map<number, Day>();
  /** The slot of the last row: rows come in order nearly always, so the next one is in it nearly always. */
  #day = new Day();
  #slot = 0;
  #fromMs = Infinity;
  #toMs = -Infinity;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  /** @param ms the row's instant. @param readings how many it has. */
  note(ms: number, readings: number): void {
    if (!(ms >= this.#fromMs && ms < this.#toMs)) {
      this.#moveTo(ms);
    }
    const day = this.#day;
    day.rows += 1;
    if (readings === 0) {
      return;
    }
    day.readings += readings;
    day.slots[this.#slot] = 2;
    if (ms < day.firstMs) {
      day.firstMs = ms;
    }
    if (ms > day.lastMs) {
      day.lastMs = ms;
    }
  }

  /** Adds what another one counted. */
  add(other: DayTally): void {
    for (const [number, day] of other.#days) {
      const own = this.#days.get(number);
      if (own) {
        own.add(day);
      } else {
        this.#days.set(number, day);
      }
    }
  }

  /** In the order of time. */
  days(): TalliedDay[] {
    return [...this.#days]
      .sort(([a], [b]) => a - b)
      .map(([day, { slots, ...figures }]) => ({
        day,
        ...figures,
        rowSlots: slots.reduce((sum, mark) => sum + (mark > 0 ? 1 : 0), 0),
        readingSlots: slots.reduce((sum, mark) => sum + (mark > 1 ? 1 : 0), 0),
      }));
  }

  #moveTo(ms: number): void {
    const local = this.#clock.localAt(ms);
    const number = Math.floor(local / DAY_MS);
    let day = this.#days.get(number);
    if (!day) {
      this.#days.set(number, (day = new Day()));
    }
    this.#day = day;
    this.#slot = Math.floor((local - number * DAY_MS) / SLOT_MS);
    day.slots[this.#slot] ||= 1;
    // Clocks change on multiples of 5 min, so a slot has one offset.
    this.#fromMs = ms - (local - number * DAY_MS - this.#slot * SLOT_MS);
    this.#toMs = this.#fromMs + SLOT_MS;
  }
}
