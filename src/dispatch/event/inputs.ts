/** What happens to an event, and what follows from it: data in, data out. */
import type { Command } from '../../core/shed/command.ts';
import type { Acknowledgement, HouseState, OptOuts, Refusal } from '../../core/shed/reports.ts';
import type { EventPlan } from './event-plan.ts';
import type { NewCall } from './shed-event.ts';

/** A new target, end or choice of a running event. */
export interface EventChange {
  /** SHA-256 of the plan that it comes from. */
  readonly hash: string;
  readonly targetW: number;
  /** Of the whole event, grid time. */
  readonly minutes: number;
  readonly endMs: number;
  readonly promisedW: number;
  /** Appliances to call as well, or that are called already and get another end. */
  readonly add: readonly NewCall[];
  /** Appliances to let go. */
  readonly release: readonly string[];
}

/** By people or programs that may: an operator, an aggregator, the watch over a feeder. */
export type EventAction =
  | { readonly kind: 'plan'; readonly by: string; readonly plan: EventPlan }
  | { readonly kind: 'start'; readonly by: string }
  /** Another request before the start: it needs a new plan. */
  | { readonly kind: 'ask'; readonly by: string; readonly targetW: number; readonly minutes: number }
  | { readonly kind: 'modify'; readonly by: string; readonly change: EventChange }
  | { readonly kind: 'extend'; readonly by: string; readonly change: EventChange }
  | { readonly kind: 'cancel'; readonly by: string; readonly reason: string }
  | { readonly kind: 'stop-all'; readonly by: string };

export type EventInput =
  | EventAction
  /** The answer to the decision `replace`: who is called instead; nobody when there is nobody left. */
  | { readonly kind: 'replacement'; readonly calls: readonly NewCall[] }
  /** The event can't go on: the planner or the store says why. */
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'acknowledgement'; readonly report: Acknowledgement }
  | { readonly kind: 'refusal'; readonly report: Refusal }
  | { readonly kind: 'optouts'; readonly report: OptOuts }
  | { readonly kind: 'state'; readonly report: HouseState }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** The dispatcher has started again: what was under way is sent again, byte for byte. */
  | { readonly kind: 'restored' };

export type Decision =
  /** Sign and send. The same command again has the same number and the same bytes. */
  | { readonly kind: 'command'; readonly command: Command }
  /** Ask the planner for others, then answer with `replacement`. */
  | { readonly kind: 'replace'; readonly event: string; readonly lostW: number }
  /** Come back with `tick` at this instant, wall-clock ms. It replaces what an earlier step set. */
  | { readonly kind: 'wake'; readonly event: string; readonly atMs: number }
  /** For the audit trail, in order. */
  | { readonly kind: 'note'; readonly note: AuditNote };

/** What the audit trail says of a step. */
export interface AuditNote {
  readonly event: string;
  /** E.g. `plan`, `command`, `acknowledgement`, `phase`. */
  readonly kind: string;
  /** Who caused it: a person, a house, or `dispatcher`. */
  readonly actor: string;
  /** JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** An action that the event's phase does not allow. The message is one line that says what is. */
export class EventActionError extends Error {
  override readonly name: string = 'EventActionError';
}

/** An action on an event that is not there. */
export class UnknownEventError extends EventActionError {
  override readonly name = 'UnknownEventError';

  constructor(id: string) {
    super(`event ${id} does not exist: look up its id in the status of all events`);
  }
}
