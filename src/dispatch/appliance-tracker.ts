/**
 * Follows one appliance's readings minute by minute of grid time: its state now, and what followed from each state
 * before. Feeds a {@link StateSums}.
 */
import { cellOf, HORIZONS_MIN, LONGEST_HORIZON_MIN } from './states.ts';

/** Minutes whose data is kept: those of the longest horizon, and the one before it. */
const RING = LONGEST_HORIZON_MIN + 1;

/** A minute counts when readings cover this share of it, and a horizon when so many of its minutes count. */
const ENOUGH = 0.5;
const ENOUGH_OF_HORIZON = 0.9;

export interface TrackerOptions {
  /** On at this mean power of a minute and above, W: the registry's threshold. */
  readonly thresholdW: number;
  /** Length of a minute of grid time on the clock of the timestamps, ms: 60,000 / speed. */
  readonly minuteMs: number;
  /** Told what followed: see StateSums.add. */
  readonly onSample: (horizon: number, cell: number, meanW: number) => void;
}

/** What is known at the end of the last whole minute. */
export interface ShortTermState {
  readonly isOn: boolean;
  /** At least so long, minutes. */
  readonly minutes: number;
  /** Mean power of the last whole minute, W. */
  readonly powerW: number;
}

export class ApplianceTracker {
  readonly #options: TrackerOptions;
  /** By minute modulo the ring: the cell at its end (-1: unknown), and running sums of mean power and of minutes that count. */
  readonly #cell = new Int8Array(RING).fill(-1);
  readonly #energy = new Float64Array(RING);
  readonly #known = new Float64Array(RING);
  #minute = NaN;
  #wattMs = 0;
  #observedMs = 0;
  #since = NaN;
  #state: ShortTermState | undefined;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** Undefined before the first whole minute, and after a minute with too few readings. */
  get state(): ShortTermState | undefined {
    return this.#state;
  }

  /**
   * Takes the next reading; earlier than the one before is ignored.
   *
   * @param timestampMs when it was measured.
   * @param intervalMs how long it stands for, backwards.
   */
  add(timestampMs: number, powerW: number, intervalMs: number): void {
    const { minuteMs } = this.#options;
    let fromMs = timestampMs - intervalMs;
    if (Number.isNaN(this.#minute)) {
      this.#minute = Math.floor(fromMs / minuteMs);
    }
    fromMs = Math.max(fromMs, this.#minute * minuteMs);
    // A gap longer than the ring leaves nothing to remember.
    const lastMinute = Math.floor(timestampMs / minuteMs);
    if (lastMinute - this.#minute > 2 * RING) {
      this.#startAgain(Math.floor(fromMs / minuteMs));
    }
    while (fromMs < timestampMs) {
      const minute = Math.floor(fromMs / minuteMs);
      while (this.#minute < minute) {
        this.#endMinute();
      }
      const toMs = Math.min(timestampMs, (minute + 1) * minuteMs);
      this.#wattMs += powerW * (toMs - fromMs);
      this.#observedMs += toMs - fromMs;
      fromMs = toMs;
    }
    while (this.#minute < lastMinute) {
      this.#endMinute();
    }
  }

  #startAgain(minute: number): void {
    this.#cell.fill(-1);
    this.#energy.fill(0);
    this.#known.fill(0);
    this.#minute = minute;
    this.#wattMs = 0;
    this.#observedMs = 0;
    this.#state = undefined;
  }

  #endMinute(): void {
    const minute = this.#minute;
    const here = slot(minute);
    const before = slot(minute - 1);
    const isKnown = this.#observedMs >= ENOUGH * this.#options.minuteMs;
    const powerW = isKnown ? this.#wattMs / this.#observedMs : 0;
    this.#energy[here] = (this.#energy[before] ?? 0) + powerW;
    this.#known[here] = (this.#known[before] ?? 0) + (isKnown ? 1 : 0);
    this.#state = isKnown ? this.#stateAfter(minute, powerW) : undefined;
    this.#cell[here] = this.#state ? cellOf(this.#state.isOn, this.#state.minutes) : -1;
    for (const [horizon, length] of HORIZONS_MIN.entries()) {
      const start = slot(minute - length);
      const cell = this.#cell[start] ?? -1;
      const known = (this.#known[here] ?? 0) - (this.#known[start] ?? 0);
      if (cell < 0 || known < ENOUGH_OF_HORIZON * length) {
        continue;
      }
      this.#options.onSample(horizon, cell, ((this.#energy[here] ?? 0) - (this.#energy[start] ?? 0)) / known);
    }
    this.#minute += 1;
    this.#wattMs = 0;
    this.#observedMs = 0;
  }

  #stateAfter(minute: number, powerW: number): ShortTermState {
    const isOn = powerW >= this.#options.thresholdW;
    if (this.#state?.isOn !== isOn) {
      this.#since = minute;
    }
    return { isOn, minutes: minute - this.#since, powerW };
  }
}

function slot(minute: number): number {
  return ((minute % RING) + RING) % RING;
}
