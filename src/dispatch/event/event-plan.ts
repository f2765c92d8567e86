/** A plan on the wall clock: what the life cycle of an event works with. */
import { shedding } from '../../core/appliances/registry.ts';
import { wallMs } from '../../core/clock/grid-clock.ts';
import { type Plan, planHash } from '../plan.ts';
import type { NewCall } from './shed-event.ts';

export interface EventPlan {
  /** SHA-256 of the plan. */
  readonly hash: string;
  readonly targetW: number;
  readonly minutes: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly promisedW: number;
  readonly startJitterMs: number;
  readonly releaseJitterMs: number;
  readonly calls: readonly NewCall[];
}

/**
 * Rounded so that nobody is off longer than the plan says.
 *
 * @param startMs when the event starts, wall-clock ms.
 * @param speed grid seconds for each second of the clock.
 * @throws RangeError when the plan calls what the registry does not let be switched off.
 */
export function eventPlanOf(plan: Plan, startMs: number, speed: number): EventPlan {
  const at = (minutes: number, round = Math.floor): number => startMs + wallMs(minutes, speed, round);
  return {
    hash: planHash(plan),
    targetW: plan.targetW,
    minutes: plan.minutes,
    startMs,
    endMs: at(plan.minutes),
    promisedW: plan.promisedW,
    startJitterMs: wallMs(plan.startJitterMin, speed, Math.floor),
    releaseJitterMs: wallMs(plan.releaseJitterMin, speed, Math.floor),
    calls: plan.calls.map(({ applianceId, houseId, name, startMin, delayMin, untilMin, expectedW, variance }) => {
      const rules = shedding(name);
      if (!rules) {
        throw new RangeError(`the plan calls ${applianceId}, but ${name} must never be switched off`);
      }
      return {
        applianceId,
        houseId,
        notBeforeMs: at(startMin + delayMin, Math.ceil),
        untilMs: at(untilMin),
        maxOffMs: wallMs(rules.maxOffMin, speed, Math.ceil),
        expectedW,
        variance,
      };
    }),
  };
}
