/**
 * When a reading of a looped data set falls due: the map between places in the loop and instants of the wall clock.
 *
 * A place is the grid time since the loop's first midnight, in ms, counted on over the loop's end forever: a place of
 * `days` days is the first midnight again, one round later. Places before the loop's start are rounds before it. At
 * `epochMs` a playback stands `shiftDays` days into the loop, so the map depends on nothing but its arguments: machines
 * of a fleet agree, and one that starts again continues where the clock is.
 */
import { GRID_TIME } from '../core/clock/grid-clock.ts';
import type { ClockChange } from '../datasets/data-set/loop.ts';

/** A data set's whole local days, replayed over and over so that the time of day never drifts. */
export interface Loop {
  /** The first local midnight, ms since the epoch. */
  readonly startMs: number;
  /** How many days the loop has, each 24 h of grid time; at least 1. */
  readonly days: number;
  /** Changes of the local clock: readings are placed as if there were none. @default none */
  readonly changes?: readonly ClockChange[];
}

export interface LoopClockOptions {
  readonly loop: Loop;
  /** Grid ms per wall-clock ms. */
  readonly speed: number;
  /** The instant at which the playback stands `shiftDays` days into the loop, wall-clock ms since the epoch. */
  readonly epochMs: number;
  readonly shiftDays: number;
}

export class LoopClock {
  /** Length of the loop, grid ms. */
  readonly lengthMs: number;
  readonly #options: LoopClockOptions;
  readonly #shiftMs: number;

  constructor(options: LoopClockOptions) {
    this.#options = options;
    this.lengthMs = options.loop.days * GRID_TIME.dayMs;
    this.#shiftMs = options.shiftDays * GRID_TIME.dayMs;
  }

  /** Changes of the local clock within the loop. */
  get changes(): readonly ClockChange[] {
    return this.#options.loop.changes ?? [];
  }

  /** The place in the loop at a wall-clock instant, grid ms; not rounded. */
  placeAt(wallMs: number): number {
    return (wallMs - this.#options.epochMs) * this.#options.speed + this.#shiftMs;
  }

  /** The wall-clock instant of a place, rounded to whole ms. */
  wallAt(placeMs: number): number {
    return this.#options.epochMs + Math.round((placeMs - this.#shiftMs) / this.#options.speed);
  }

  /** Which round of the loop a place belongs to; negative before the loop's start. */
  roundOf(placeMs: number): number {
    return Math.floor(placeMs / this.lengthMs);
  }

  /** The place of a reading measured at `measuredMs` in round `round`, had the local clock not changed. */
  placeOf(measuredMs: number, round: number): number {
    return measuredMs - this.#options.loop.startMs + round * this.lengthMs;
  }

  /** When the reading at a place was measured, had the local clock not changed, ms since the epoch, given its round. */
  measuredAt(placeMs: number, round: number): number {
    return placeMs - round * this.lengthMs + this.#options.loop.startMs;
  }
}
