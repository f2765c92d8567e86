/** A plan: who is to be off when, what that promises, and why others are not called. Plain data, all times grid time. */
import type { SheddableClass } from '../core/appliances/registry.ts';
import { canonicalJson, fingerprint } from '../core/canonical.ts';
import type { Exclusion } from './eligibility.ts';

/** What would be drawn without the event: the frozen prediction that relief is measured against. */
export interface Prediction {
  readonly applianceId: string;
  readonly houseId: string;
  readonly name: string;
  /** Mean power over the call if nothing is switched, W. */
  readonly predictedW: number;
  /** Variance of it, W². */
  readonly predictedVariance: number;
}

export interface PlannedCall extends Prediction {
  readonly class: SheddableClass;
  /** Off from here, plus the delay of the ramp, plus start jitter; minutes from the event's start. */
  readonly startMin: number;
  /** By how much the ramp delays the start, minutes. */
  readonly delayMin: number;
  /** On again from here, plus release jitter. */
  readonly untilMin: number;
  /** Expected relief, mean over the call, and its variance, W and W². Jitter, ramp and response rate are in it. */
  readonly expectedW: number;
  readonly variance: number;
  /** What the caps count, W: the larger of present and expected power. */
  readonly switchedW: number;
  /** Comes back on top after the release, W. */
  readonly reboundW: number;
}

export interface PlannedWave {
  readonly startMin: number;
  readonly endMin: number;
  /** Of all that is off in it, W. */
  readonly expectedW: number;
  readonly sdW: number;
  /** Kept in nine of ten events, W. */
  readonly promisedW: number;
}

export interface Plan {
  readonly version: 1;
  readonly eventId: string;
  readonly feeder: string;
  readonly targetW: number;
  readonly minutes: number;
  readonly confirmedBy?: string;
  readonly startJitterMin: number;
  readonly releaseJitterMin: number;
  /** In the order in which they were chosen. */
  readonly calls: readonly PlannedCall[];
  /** Chosen at random and not called. */
  readonly holdOut: readonly Prediction[];
  readonly waves: readonly PlannedWave[];
  /** Over the event, W. */
  readonly expectedW: number;
  /** Of the weakest wave, W. */
  readonly promisedW: number;
  /** By how much the promise misses the target, W; 0 when it does not. */
  readonly shortW: number;
  readonly rebound: {
    /** On top of the usual load, right after the event, W. */
    readonly peakW: number;
    /** Drawn later instead, kWh of grid time. */
    readonly energyKwh: number;
  };
  /** How many appliances are on the feeder: calls, hold-out and excluded ones add up to it. */
  readonly candidates: number;
  /** By the first reason that applies; reasons without any are left out. */
  readonly excluded: Readonly<Partial<Record<Exclusion, number>>>;
}

/** The plan as bytes: the same plan, the same text. */
export function planText(plan: Plan): string {
  return canonicalJson(plan);
}

/** SHA-256 of {@link planText}: what commands and the audit trail name. */
export function planHash(plan: Plan): string {
  return fingerprint(plan);
}
