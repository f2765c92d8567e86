/** What is asked for, and whether it may be. */
import type { Policy } from './policy.ts';

export interface ShedRequest {
  /** Seeds what is random in the plan: the hold-out. */
  readonly eventId: string;
  readonly feeder: string;
  /** Relief that is asked for, W. */
  readonly targetW: number;
  /** Grid time. */
  readonly minutes: number;
  /** Who else has confirmed, for more than the usual caps. @default nobody */
  readonly confirmedBy?: string;
}

/** The feeder before the event. */
export interface FeederState {
  readonly name: string;
  /** Present load, W. */
  readonly loadW: number;
  readonly limitW: number;
  /** What other events have switched off, W. @default 0 */
  readonly heldW?: number;
  /** Load that is expected after the event, without its rebound, W. @default the present load with what is held */
  readonly loadAfterW?: number;
}

/** A request that may not be served: a field, its value, what is allowed, in one line. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Caps in W, for what other events hold as well. */
export interface EventCaps {
  /** May be switched off by this event. */
  readonly eventW: number;
  /** May be switched within one minute. */
  readonly minuteW: number;
  /** May come back on top of the feeder's load after the event. */
  readonly reboundW: number;
}

export function capsOf(request: ShedRequest, feeder: FeederState, policy: Policy): EventCaps {
  const { perEvent, perMinute } = request.confirmedBy === undefined ? policy.caps : policy.confirmedCaps;
  const heldW = feeder.heldW ?? 0;
  const wholeW = feeder.loadW + heldW;
  return {
    eventW: Math.max(0, perEvent * wholeW - heldW),
    minuteW: perMinute * wholeW,
    reboundW: Math.max(0, feeder.limitW - (feeder.loadAfterW ?? wholeW)),
  };
}

/** @throws RequestError that says what is allowed. */
export function checkRequest(request: ShedRequest, feeder: FeederState, policy: Policy): void {
  const { targetW, minutes } = request;
  const { minEventMin, maxEventMin } = policy;
  if (request.feeder !== feeder.name) {
    throw new RequestError(`feeder ${request.feeder} is not ${feeder.name}, whose state was given`);
  }
  if (!(targetW > 0 && Number.isFinite(targetW))) {
    throw new RequestError(`kw must be above 0, not ${targetW / 1_000}`);
  }
  if (!(minutes >= minEventMin && minutes <= maxEventMin)) {
    throw new RequestError(`for must be ${minEventMin}m to ${maxEventMin}m, not ${minutes}m`);
  }
  const { eventW } = capsOf(request, feeder, policy);
  if (targetW > eventW) {
    const most = (caps: Policy['caps']): string => `${100 * caps.perEvent} % of the load`;
    const upwards =
      request.confirmedBy === undefined && policy.confirmedCaps.perEvent > policy.caps.perEvent
        ? `; a second confirmation allows ${most(policy.confirmedCaps)}`
        : '';
    const caps = request.confirmedBy === undefined ? policy.caps : policy.confirmedCaps;
    throw new RequestError(
      `kw must be at most ${(Math.floor(eventW) / 1_000).toFixed(3)} on feeder ${feeder.name} now (${most(caps)}), ` +
        `not ${targetW / 1_000}${upwards}`,
    );
  }
}
