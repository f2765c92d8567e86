/**
 * Sends what is due when it is due: the cohorts merged by time, in slices, with one timer for the next slice.
 *
 * Kafka's back-pressure reaches the files: no more than a bounded number of readings wait for acknowledgement, and live
 * none is sent that is more than half the watermark ahead of the oldest one that waits. Spark's watermark is global: if
 * one partition ran ahead of another by more, the other's readings would be dropped as late.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { WATERMARK_MS } from '../core/clock/grid-clock.ts';
import type { Heartbeat } from '../core/clock/heartbeat.ts';
import { after } from '../core/clock/timers.ts';
import type { RecordSink } from '../kafka/producer/record-sink.ts';
import type { Cohort } from './cohort.ts';
import { DueQueue } from './due-queue.ts';
import { Lateness, type LatenessFigures } from './lateness.ts';

/** Readings due within one slice of the clock go together, ms: a reading goes out at most this long after it is due. */
const SLICE_MS = 25;

/** How much event time one partition may be ahead of another, ms. */
export const MAX_SKEW_MS = WATERMARK_MS / 2;

/** When late, how much event time to catch up with at a time, ms: it keeps the order of time across partitions. */
const CATCH_UP_MS = 250;

/**
 * After an outage of the brokers, how long to wait before anything newer is sent, ms: other producers (the canary) have a
 * reading of its beginning under way, and try again every second. Behind newer ones it would be too late for Spark.
 */
const OTHERS_FIRST_MS = 2_500;

/** See {@link PacerOptions.maxPending}. */
const MAX_PENDING = 250_000;

export interface PacerOptions {
  readonly sink: RecordSink;
  /** The wall clock, ms. */
  readonly now: () => number;
  /** Ends everything when aborted. */
  readonly signal: AbortSignal;
  /**
   * Knows when the process was stopped: what fell due meanwhile is passed over, as after a restart, because others have
   * moved Spark's watermark. Default: it never was.
   */
  readonly heartbeat?: Pick<Heartbeat, 'resumedMs'> | undefined;
  /**
   * Readings that may wait for acknowledgement. @default 250,000 - a quarter of a second of a million a second: brokers
   * acknowledge in tens of ms; 18 MB of messages
   */
  readonly maxPending?: number;
}

export class Pacer {
  readonly #options: PacerOptions;
  readonly #queue = new DueQueue<Cohort>();
  readonly #lateness = new Lateness();
  readonly #unacknowledged = new Lateness();

  #wake: () => void = () => undefined;
  /** Readings before live begins have no time to be due at. */
  #live = false;
  #resumedMs = -Infinity;
  #lateMs = 0;
  #lateMsMax = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
    // One listener for all waits: a race against the signal would leave a reaction behind each time.
    options.signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  add(cohorts: Iterable<Cohort>): void {
    for (const cohort of cohorts) {
      this.#queue.push(cohort);
    }
  }

  /** The longest that a due reading has had to wait for a slice since this was last asked, ms. */
  takeLateMs(): number {
    this.#noteLateness();
    const lateMs = this.#lateMs;
    this.#lateMs = 0;
    return lateMs;
  }

  /** The longest that a due reading ever had to wait, ms. */
  get lateMsMax(): number {
    return this.#lateMsMax;
  }

  /** How long after they were due live readings were sent, since this was last asked. */
  takeLateness(): LatenessFigures {
    return this.#lateness.take();
  }

  /** How long ago the oldest live reading that was not acknowledged was due, looked at before every slice. */
  takeUnacknowledged(): LatenessFigures {
    return this.#unacknowledged.take();
  }

  /** The figures since live began. */
  takeWhole(): { readonly lateness: LatenessFigures; readonly unacknowledged: LatenessFigures } {
    return { lateness: this.#lateness.takeWhole(), unacknowledged: this.#unacknowledged.takeWhole() };
  }

  /** Resolves when all that was sent is acknowledged, or at the end. */
  async acknowledged(): Promise<void> {
    const { sink, signal } = this.#options;
    while (sink.pending > 0 && !signal.aborted) {
      await this.#acknowledgement();
    }
  }

  /** When the next reading falls due, wall-clock ms; Infinity without cohorts. */
  get due(): number {
    return this.#queue.due;
  }

  /** Sends readings as they fall due until aborted. */
  async live(): Promise<void> {
    const { sink, now, signal } = this.#options;
    this.#live = true;
    let turnBegan = now();
    let blockedMs = Infinity;
    while (!signal.aborted) {
      await this.#passWhatWasMissed();
      const due = this.#queue.due;
      // A slice ends on a multiple of its length; a reading may go when its slice is over.
      const sliceEnd = Math.floor(now() / SLICE_MS) * SLICE_MS;
      if (due >= sliceEnd) {
        const wake = due === Infinity ? now() + 1_000 : (Math.floor(due / SLICE_MS) + 1) * SLICE_MS;
        await this.#sleep(wake - now());
        turnBegan = now();
        continue;
      }
      const open = Math.min(sink.oldestPendingMs, due) + MAX_SKEW_MS;
      if (due >= open) {
        blockedMs = Math.min(blockedMs, now());
        await this.#acknowledgement();
        turnBegan = now();
        continue;
      }
      const wasOutage = now() - blockedMs > WATERMARK_MS;
      blockedMs = Infinity;
      if (wasOutage) {
        await this.#sleep(OTHERS_FIRST_MS);
        turnBegan = now();
        continue;
      }
      this.#noteLateness();
      this.#unacknowledged.nowMs = now();
      this.#unacknowledged.note(sink.oldestPendingMs);
      await this.sendBefore(Math.min(sliceEnd, open, due + CATCH_UP_MS));
      sink.flush();
      // However far behind it is: brokers' answers have their turn.
      if (now() - turnBegan >= SLICE_MS) {
        await nextTurn();
        turnBegan = now();
      }
    }
  }

  /**
   * Sends what falls due before `untilMs` as fast as the brokers take it, in order of time from step to step. What is
   * not worth a batch stays with the sink until it is flushed or more comes.
   *
   * @param limit messages to send at most, about. Default: no limit.
   * @returns how many were sent.
   */
  async sendBefore(untilMs: number, limit = Infinity): Promise<number> {
    const { sink, signal, now, maxPending = MAX_PENDING } = this.#options;
    const lateness = this.#live ? this.#lateness : undefined;
    let sent = 0;
    while (this.#queue.due < untilMs && sent < limit && !signal.aborted) {
      const room = Math.min(maxPending - sink.pending, limit - sent);
      if (room <= 0) {
        await this.#acknowledgement();
        continue;
      }
      const cohort = this.#queue.pop();
      if (!cohort) {
        break;
      }
      if (lateness) {
        lateness.nowMs = now();
      }
      sent += cohort.send(untilMs, room, lateness);
      if (cohort.exhausted) {
        await cohort.refill();
      }
      this.#queue.push(cohort);
    }
    return sent;
  }

  async #passWhatWasMissed(): Promise<void> {
    const { resumedMs = -Infinity } = this.#options.heartbeat ?? {};
    if (resumedMs === this.#resumedMs) {
      return;
    }
    this.#resumedMs = resumedMs;
    const nowMs = this.#options.now();
    const missed: Cohort[] = [];
    while (this.#queue.due < nowMs) {
      const cohort = this.#queue.pop();
      if (cohort) {
        missed.push(cohort);
      }
    }
    for (const cohort of missed) {
      await cohort.skipBefore(nowMs);
    }
    this.add(missed);
  }

  #noteLateness(): void {
    if (!this.#live) {
      return;
    }
    const lateMs = Math.max(0, this.#options.now() - this.#queue.due - SLICE_MS);
    this.#lateMs = Math.max(this.#lateMs, lateMs);
    this.#lateMsMax = Math.max(this.#lateMsMax, lateMs);
  }

  /** Waits for the brokers, or for the end. */
  async #acknowledgement(): Promise<void> {
    const { sink, signal } = this.#options;
    sink.flush();
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      if (signal.aborted) {
        resolve();
      }
      sink.acknowledgement().then(resolve, reject);
    });
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = after(Math.max(1, ms), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
      if (this.#options.signal.aborted) {
        this.#wake();
      }
    });
  }
}
