/* eslint-disable @typescript-eslint/no-non-null-assertion -- typed arrays in a hot loop, every index is a channel's */
/** Time-weighted figures of a house's channels, by the interval rule of the grid, in constant memory. */
import { GRID_TIME } from '../../core/clock/grid-clock.ts';
import type { ReadingBatch } from './data-set.ts';

/** The figures of one channel. */
export interface ChannelFigures {
  readonly readings: number;
  /** ms since the epoch; null without readings. */
  readonly first: number | null;
  readonly last: number | null;
  /** Energy / observed time, W; null when no time was observed. */
  readonly mean_w: number | null;
  /** Time at or above the threshold / observed time, 0 to 1; null when no time was observed. */
  readonly duty_cycle: number | null;
  /** Observed time / time from the first reading to the last, 0 to 1; null when that is no time. */
  readonly coverage: number | null;
  /** Silences of more than the maximum gap. */
  readonly gaps: number;
  /** ms; 0 without gaps. */
  readonly longest_gap_ms: number;
}

/**
 * A reading stands for the time since the one before of its channel, at most the maximum gap (30 s); the first one for
 * none. The sum of these times is the observed time.
 */
export class FiguresOfChannels {
  readonly #thresholds: Float64Array;
  readonly #readings: Float64Array;
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #observedMs: Float64Array;
  readonly #onMs: Float64Array;
  readonly #wattMs: Float64Array;
  readonly #gaps: Float64Array;
  readonly #longestGapMs: Float64Array;

  /** @param thresholds the on-threshold of each channel, W. */
  constructor(thresholds: readonly number[]) {
    const zeros = (): Float64Array => new Float64Array(thresholds.length);
    this.#thresholds = Float64Array.from(thresholds);
    this.#readings = zeros();
    this.#first = zeros();
    this.#last = zeros();
    this.#observedMs = zeros();
    this.#onMs = zeros();
    this.#wattMs = zeros();
    this.#gaps = zeros();
    this.#longestGapMs = zeros();
  }

  add(batch: ReadingBatch): void {
    for (let index = 0; index < batch.length; index += 1) {
      const channel = batch.channel[index]!;
      const timestamp = batch.timestamp[index]!;
      const power = batch.power[index]!;
      if ((this.#readings[channel] ?? 0) === 0) {
        this.#first[channel] = timestamp;
      } else {
        this.#addInterval(channel, timestamp - this.#last[channel]!, power);
      }
      this.#last[channel] = timestamp;
      this.#readings[channel]! += 1;
    }
  }

  of(channel: number): ChannelFigures {
    const readings = this.#readings[channel]!;
    const first = this.#first[channel]!;
    const last = this.#last[channel]!;
    const observed = this.#observedMs[channel]!;
    return {
      readings,
      first: readings > 0 ? first : null,
      last: readings > 0 ? last : null,
      mean_w: observed > 0 ? this.#wattMs[channel]! / observed : null,
      duty_cycle: observed > 0 ? this.#onMs[channel]! / observed : null,
      coverage: last > first ? observed / (last - first) : null,
      gaps: this.#gaps[channel]!,
      longest_gap_ms: this.#longestGapMs[channel]!,
    };
  }

  #addInterval(channel: number, silence: number, power: number): void {
    const interval = Math.min(silence, GRID_TIME.maxGapMs);
    this.#observedMs[channel]! += interval;
    this.#wattMs[channel]! += interval * power;
    if (power >= this.#thresholds[channel]!) {
      this.#onMs[channel]! += interval;
    }
    if (silence > GRID_TIME.maxGapMs) {
      this.#gaps[channel]! += 1;
      this.#longestGapMs[channel] = Math.max(this.#longestGapMs[channel]!, silence);
    }
  }
}
