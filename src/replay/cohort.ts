/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays in a hot loop, every index bounded by them */
/** Playbacks of one house that read at the same instants: what is sent for them together, and when. */
import type { HouseGroup, RecordSink } from '../kafka/producer/record-sink.ts';
import type { HouseReadings, WallBatch } from './house-readings.ts';
import type { Lateness } from './lateness.ts';
import { type Span, SpanCursor } from './spans.ts';

/** Readings left out by the replay itself, by reason. */
export interface Skips {
  /** Would have given an appliance a second reading for one wall-clock ms. */
  same_instant: number;
  /** Lie in a span that has its readings from an earlier run. */
  backfilled_before: number;
  /** Fell due while the process was stopped. */
  while_stopped: number;
}

export interface CohortOptions {
  readonly readings: HouseReadings;
  /** How many channels the house has. */
  readonly channels: number;
  readonly group: HouseGroup;
  /** How much later than the chain says the cohort reads, whole wall-clock ms. */
  readonly offsetMs: number;
  /** The longest time a reading may stand for, wall-clock ms. */
  readonly maxGapMs: number;
  /** Spans that get no readings, in order. */
  readonly skipSpans: readonly Span[];
  readonly skips: Skips;
  readonly sink: RecordSink;
}

export class Cohort {
  /** When the next reading falls due, wall-clock ms; Infinity before {@link begin}. */
  due = Infinity;

  readonly #options: CohortOptions;
  readonly #skipSpans: SpanCursor;
  /** Per channel the timestamp of its last reading, -Infinity before its first. */
  readonly #last: Float64Array;
  #batch: WallBatch | undefined;
  #index = 0;

  constructor(options: CohortOptions) {
    this.#options = options;
    this.#skipSpans = new SpanCursor(options.skipSpans);
    this.#last = new Float64Array(options.channels).fill(-Infinity);
  }

  /** How many houses it has. */
  get size(): number {
    return this.#options.group.first.length;
  }

  /** Puts it at the start of the chain. */
  begin(first: WallBatch): void {
    this.#batch = first;
    this.#index = 0;
    this.#settle();
  }

  /** Passes over readings before `wallMs` as if they had never been; returns when `due` is at or after it. */
  async discardBefore(wallMs: number): Promise<void> {
    await this.#passBefore(wallMs);
  }

  /** Passes over readings before `wallMs`, which fell due while the process was stopped. */
  async skipBefore(wallMs: number): Promise<void> {
    const passed = await this.#passBefore(wallMs);
    this.#options.skips.while_stopped += passed * this.size;
  }

  /** Whether {@link refill} is needed before {@link send} can send more. */
  get exhausted(): boolean {
    return this.#batch === undefined || this.#index >= this.#batch.length;
  }

  /** Goes on to the next batch. */
  async refill(): Promise<void> {
    if (!this.#batch || !this.exhausted) {
      return;
    }
    const next = await this.#options.readings.after(this.#batch);
    if (!next) {
      this.#batch = undefined;
      this.due = Infinity;
      return;
    }
    this.begin(next);
  }

  /**
   * Sends what falls due before `untilMs`, at most about `limit` messages, as far as memory holds it: when the cohort is
   * exhausted afterwards, {@link refill} and send again.
   *
   * @param lateness called for each reading. Default: none.
   * @returns how many messages were sent.
   */
  send(untilMs: number, limit: number, lateness?: Lateness): number {
    const batch = this.#batch;
    if (!batch) {
      return 0;
    }
    const { group, maxGapMs, offsetMs, skips, sink } = this.#options;
    const skipSpans = this.#skipSpans;
    const most = Math.max(1, Math.floor(limit / this.size));
    let taken = 0;
    let index = this.#index;
    for (; index < batch.length && taken < most; index += 1) {
      const timestamp = batch.timestamp[index]! + offsetMs;
      if (timestamp >= untilMs) {
        break;
      }
      if (skipSpans.covers(timestamp)) {
        skips.backfilled_before += this.size;
        continue;
      }
      const channel = batch.channel[index]!;
      const last = this.#last[channel]!;
      if (timestamp <= last) {
        skips.same_instant += this.size;
        continue;
      }
      this.#last[channel] = timestamp;
      // Time inside a skipped span already belongs to the readings that are there.
      const since = last > -Infinity ? Math.max(last, skipSpans.lastEndMs) : timestamp;
      sink.writeGroup(group, channel, timestamp, batch.power[index]!, Math.min(timestamp - since, maxGapMs));
      lateness?.note(timestamp);
      taken += 1;
    }
    this.#index = index;
    this.#settle();
    return taken * this.size;
  }

  /** @returns how many readings of the chain were passed over. */
  async #passBefore(wallMs: number): Promise<number> {
    const before = wallMs - this.#options.offsetMs;
    let passed = 0;
    while (this.due < wallMs) {
      const batch = this.#batch;
      if (!batch) {
        break;
      }
      const first = this.#index;
      while (this.#index < batch.length && batch.timestamp[this.#index]! < before) {
        this.#index += 1;
      }
      passed += this.#index - first;
      this.#settle();
      if (this.exhausted) {
        await this.refill();
      }
    }
    return passed;
  }

  #settle(): void {
    const batch = this.#batch;
    if (!batch) {
      return;
    }
    // Exhausted: whatever comes next is not before the last one, which keeps the cohort in its place among the others.
    this.due = batch.timestamp[Math.min(this.#index, batch.length - 1)]! + this.#options.offsetMs;
  }
}
