/** Planning from what the grid draws now: the planner, its calls on the wall clock, and what changes while an event runs. */
import { fingerprint } from '../../core/canonical.ts';
import { wallMs } from '../../core/clock/grid-clock.ts';
import { type EventPlan, eventPlanOf } from '../event/event-plan.ts';
import type { EventChange } from '../event/inputs.ts';
import { callsOf, type EventCall, isWanted, type NewCall, type ShedEvent } from '../event/shed-event.ts';
import type { Fleet } from '../fleet.ts';
import type { Plan } from '../plan.ts';
import { plan as planEvent } from '../planner.ts';
import type { Policy } from '../policy.ts';
import { promiseOf } from '../pool.ts';
import { capsOf, type FeederState, type ShedRequest } from '../request.ts';
import type { StateTable } from '../state-table.ts';
import type { Planning, Taken } from './planning.ts';

/** What the planner needs to know of a feeder at one instant. */
export interface GridNow {
  readonly feeder: FeederState;
  /** All its appliances; those that are taken carry their flags. */
  readonly fleet: Fleet;
  readonly table: StateTable;
}

export interface GridState {
  /** @throws RequestError for a feeder that does not exist. */
  now(feeder: string, taken: Taken): Promise<GridNow>;
}

export interface GridPlanningOptions {
  readonly grid: GridState;
  readonly policy: Policy;
  /** Grid seconds for each second of the clock. */
  readonly speed: number;
  /** From a plan to its start: somebody looks at it, and houses are told. Wall-clock ms. @default 2 s */
  readonly noticeMs?: number;
  /** Wall-clock ms. @default the clock */
  readonly now?: () => number;
}

const NOTICE_MS = 2_000;

export class GridPlanning implements Planning {
  readonly #options: GridPlanningOptions;

  constructor(options: GridPlanningOptions) {
    this.#options = options;
  }

  async plan(request: ShedRequest, taken: Taken): Promise<{ plan: Plan; onClock: EventPlan }> {
    const { grid, policy, speed, noticeMs = NOTICE_MS } = this.#options;
    const plan = planEvent({ request, policy, ...(await grid.now(request.feeder, taken)) });
    return { plan, onClock: eventPlanOf(plan, this.#nowMs() + noticeMs, speed) };
  }

  async replace(event: ShedEvent, lostW: number, taken: Taken): Promise<readonly NewCall[]> {
    return this.#others(event, event.endMs ?? 0, taken, (request, now) => {
      // What the caps do not allow any more stays lost: an event never grows beyond them.
      return Math.min(lostW, capsOf(request, now.feeder, this.#options.policy).eventW);
    });
  }

  async change(
    event: ShedEvent,
    { targetW, minutes }: { readonly targetW: number; readonly minutes: number },
    taken: Taken,
  ): Promise<EventChange> {
    const endMs = (event.startMs ?? 0) + wallMs(minutes, this.#options.speed, Math.floor);
    const wanted = callsOf(event).filter(({ status }) => isWanted(status));
    const { kept, release } = this.#keepFor(wanted, targetW);
    const missingW = targetW - this.#promiseOf(kept);
    const others = missingW > 0 ? await this.#others(event, endMs, taken, () => missingW) : [];
    const add = [...others, ...kept.flatMap((call) => extended(call, event, endMs))];
    return {
      hash: fingerprint({ event: event.id, targetW, minutes, add, release }),
      targetW,
      minutes,
      endMs,
      promisedW: Math.max(0, this.#promiseOf([...kept, ...others])),
      add,
      release,
    };
  }

  #nowMs(): number {
    return (this.#options.now ?? Date.now)();
  }

  #promiseOf(calls: readonly Pick<NewCall, 'expectedW' | 'variance'>[]): number {
    const expectedW = calls.reduce((sum, call) => sum + call.expectedW, 0);
    const variance = calls.reduce((sum, call) => sum + call.variance, 0);
    return promiseOf(this.#options.policy, expectedW, variance);
  }

  /** Lets go, the smallest first, as long as the rest promises the target. */
  #keepFor(wanted: readonly EventCall[], targetW: number): { kept: EventCall[]; release: string[] } {
    const { policy } = this.#options;
    let expectedW = wanted.reduce((sum, call) => sum + call.expectedW, 0);
    let variance = wanted.reduce((sum, call) => sum + call.variance, 0);
    const kept: EventCall[] = [];
    const release: string[] = [];
    for (const call of [...wanted].sort(bySize)) {
      if (promiseOf(policy, expectedW - call.expectedW, variance - call.variance) >= targetW) {
        release.push(call.applianceId);
        expectedW -= call.expectedW;
        variance -= call.variance;
      } else {
        kept.push(call);
      }
    }
    return { kept, release };
  }

  /** Others from now to an end; nobody when the time left is too short for an event. */
  async #others(
    event: ShedEvent,
    endMs: number,
    taken: Taken,
    wattsOf: (request: ShedRequest, now: GridNow) => number,
  ): Promise<NewCall[]> {
    const { grid, policy, speed } = this.#options;
    const startMs = this.#nowMs();
    const minutes = ((endMs - startMs) * speed) / MINUTE_MS;
    if (minutes < policy.minEventMin) {
      return [];
    }
    const now = await grid.now(event.feeder, taken);
    const request: ShedRequest = {
      // Another hold-out than that of the event's plan, and the same for the same replacement.
      eventId: `${event.id}-${event.revision}`,
      feeder: event.feeder,
      targetW: 0,
      minutes,
      ...(event.confirmedBy !== null && { confirmedBy: event.confirmedBy }),
    };
    const targetW = wattsOf(request, now);
    if (targetW <= 0) {
      return [];
    }
    const plan = planEvent({ request: { ...request, targetW }, policy, ...now });
    return eventPlanOf(plan, startMs, speed).calls.map((call) => ({ ...call, untilMs: Math.min(call.untilMs, endMs) }));
  }
}

const MINUTE_MS = 60_000;

const bySize = (a: EventCall, b: EventCall): number =>
  a.expectedW - b.expectedW || (a.applianceId < b.applianceId ? -1 : 1);

/** A call that ends with the event ends with its new end, or as late as its own longest time off allows. */
function extended(call: EventCall, event: ShedEvent, endMs: number): NewCall[] {
  if (call.untilMs < (event.endMs ?? 0)) {
    return [];
  }
  const latestMs = (call.offMs ?? call.notBeforeMs) + call.maxOffMs - event.releaseJitterMs;
  const untilMs = Math.min(endMs, latestMs);
  const { applianceId, houseId, notBeforeMs, maxOffMs, expectedW, variance } = call;
  return untilMs > call.untilMs ? [{ applianceId, houseId, notBeforeMs, untilMs, maxOffMs, expectedW, variance }] : [];
}
