/** What the dispatcher asks of whoever plans: a port, since planning reads what the grid draws now. */
import type { EventPlan } from '../event/event-plan.ts';
import type { EventChange } from '../event/inputs.ts';
import type { NewCall, ShedEvent } from '../event/shed-event.ts';
import type { Plan } from '../plan.ts';
import type { ShedRequest } from '../request.ts';

/** Whom the planner must leave out. */
export interface Taken {
  /** Appliances that events have off, or will, by id. */
  readonly held: ReadonlySet<string>;
  /** Whether the people in a house want an appliance left alone. */
  readonly isOptedOut: (houseId: string, applianceId: string) => boolean;
}

export interface Planning {
  /** A plan that starts now, and the same on the wall clock. @throws RequestError for what may not be asked for. */
  plan(request: ShedRequest, taken: Taken): Promise<{ readonly plan: Plan; readonly onClock: EventPlan }>;
  /** Others for the rest of an event; nobody when nobody is left. `lostW`: what they are to bring, W. */
  replace(event: ShedEvent, lostW: number, taken: Taken): Promise<readonly NewCall[]>;
  /** What another target or length changes. @throws RequestError for what may not be asked for. */
  change(
    event: ShedEvent,
    asked: { readonly targetW: number; readonly minutes: number },
    taken: Taken,
  ): Promise<EventChange>;
}
