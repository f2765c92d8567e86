/** What a house allows, whatever it is told: its own list of appliances and its own limits. */
import { shedding } from '../core/appliances/registry.ts';
import { wallMs } from '../core/clock/grid-clock.ts';

/** Limits of one appliance, wall-clock ms. */
export interface ApplianceLimits {
  /** The longest time off, jitter included. No command can lift it. */
  readonly maxOffMs: number;
  /** The least time on between two calls. */
  readonly minOnMs: number;
}

export interface HouseRules {
  /** What may be switched at all, by appliance id. */
  readonly allowed: ReadonlyMap<string, ApplianceLimits>;
  /** At most so many are off at a time. @default 2 */
  readonly maxOff: number;
  /** No command may end further ahead than this, ms. @default two days: a day's notice and the event */
  readonly maxAheadMs: number;
  /** With a clock that is not synchronised: how far a command may be from the broker's time, ms. @default 30 s */
  readonly clockToleranceMs: number;
}

export interface MeteredAppliance {
  readonly id: string;
  /** The registry's name. */
  readonly name: string;
}

/**
 * The rules of a house by the registry: sheddable appliances only, each with its own limits.
 *
 * @param speed grid seconds for each second of the clock.
 */
export function houseRules(
  appliances: Iterable<MeteredAppliance>,
  speed: number,
  limits: Partial<Omit<HouseRules, 'allowed'>> = {},
): HouseRules {
  const allowed = new Map<string, ApplianceLimits>();
  for (const { id, name } of appliances) {
    const known = shedding(name);
    if (known) {
      allowed.set(id, {
        maxOffMs: wallMs(known.maxOffMin, speed, Math.ceil),
        minOnMs: wallMs(known.minOnMin, speed, Math.floor),
      });
    }
  }
  return { allowed, maxOff: 2, maxAheadMs: 2 * 86_400_000, clockToleranceMs: 30_000, ...limits };
}
