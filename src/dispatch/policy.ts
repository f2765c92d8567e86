/** What an operator of the grid decides once: limits, margins and weights of the planner. Durations are grid time. */
import { z } from 'zod';

import type { SheddableClass } from '../core/appliances/registry.ts';
import { NEVER_MIN } from './fleet.ts';

const share = z.number().min(0).max(1);
const perClass = <Value extends z.ZodType>(value: Value) => z.strictObject(byClass(() => value));

function byClass<Value>(valueOf: (class_: SheddableClass) => Value) {
  return {
    deferrable: valueOf('deferrable'),
    thermostatic: valueOf('thermostatic'),
    discretionary: valueOf('discretionary'),
  };
}

/** Caps on one event, as shares of the feeder's load before it. */
const caps = z.strictObject({ perEvent: share, perMinute: share });

export const policySchema = z.strictObject({
  /** What may be switched, unless a second person confirms. @default 20 % of the load per event, 10 % per minute */
  caps: caps.default({ perEvent: 0.2, perMinute: 0.1 }),
  /** What may be switched once a second person has confirmed. @default twice that */
  confirmedCaps: caps.default({ perEvent: 0.4, perMinute: 0.2 }),
  /** Appliances of one house that may be off at a time. @default 2 */
  maxPerHouse: z.int().min(1).default(2),
  /** The share of one house's power that may be off at a time. @default 50 % */
  maxHouseShare: share.default(0.5),
  /** An event's longest duration, minutes. @default 240, the longest that utilities ask for */
  maxEventMin: z.number().positive().default(240),
  /** An event's shortest duration, minutes: start and release jitter must fit. @default 3 */
  minEventMin: z.number().positive().default(3),
  /** No appliance is called again within this time while an eligible peer has not served, minutes. @default 24 h */
  roundMin: z
    .number()
    .nonnegative()
    .max(NEVER_MIN)
    .default(24 * 60),
  /** The longest that one appliance may be off within 24 h and 7 days, minutes. @default 60 and 240 */
  maxMinPerDay: z.number().positive().default(60),
  maxMinPerWeek: z.number().positive().default(240),
  /** Readings older than this are stale, minutes. @default two duty-cycle windows */
  staleMin: z.number().positive().default(20),
  /** A window observed for less than this share is stale too. @default half */
  minCoverage: share.default(0.5),
  /** What is not pausable counts as running for so long after it was last on, minutes: programmes pause by themselves. @default 15 */
  programmePauseMin: z.number().nonnegative().default(15),
  /** Expected relief below this is not worth a command, W. @default 5 */
  minReliefW: z.number().nonnegative().default(5),
  /** Devices start and release at random within this time, so that nothing switches at once, minutes. @default 1 */
  startJitterMin: z.number().nonnegative().default(1),
  releaseJitterMin: z.number().nonnegative().default(1),
  /** The standard normal quantile that the promise keeps. @default 1.2816, for 90 % */
  z: z.number().nonnegative().default(1.2816),
  /** Error that does not average out over appliances, as a share of the expectation. @default 5 % */
  commonMargin: share.default(0.05),
  /** The share of called appliances that obey: reachable, acknowledged, not opted out. @default 95 %, until it is learnt */
  responseRate: perClass(share).default(byClass(() => 0.95)),
  /** What a call of each class costs its user, relative to the others. @default deferrable 1, thermostatic 1, discretionary 3: it is missed at once */
  classWeight: perClass(z.number().positive()).default({ deferrable: 1, thermostatic: 1, discretionary: 3 }),
  /** What energy that is drawn later costs, beside the weights of classes. @default 0.5 */
  reboundWeight: z.number().nonnegative().default(0.5),
  /** The random hold-out that is not called: a share of the chosen, and at least so many where the pool allows it. @default 5 %, 10 */
  holdOut: z.strictObject({ share, least: z.int().min(0) }).default({ share: 0.05, least: 10 }),
});

export type Policy = Readonly<z.infer<typeof policySchema>>;

/** @param given fields that differ from the defaults. @throws ZodError when one is out of its range. */
export function policyOf(given: z.input<typeof policySchema> = {}): Policy {
  return policySchema.parse(given);
}
