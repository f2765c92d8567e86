/**
 * The dispatcher's book over all events: numbers commands per house, brings reports to the event that they are about,
 * stops all at once, and knows when time changes something next. No clock, no network, nothing random.
 *
 * {@link EventBook.decide} changes nothing. What it decided is stored first; then {@link EventBook.accept} makes it the
 * book's state, and only then is it carried out. So what houses were told is never newer than what a restart finds.
 */
import type { Stop } from '../../core/shed/command.ts';
import type { OptOuts, Refusal, Report } from '../../core/shed/reports.ts';
import type { DispatchPolicy } from '../event/dispatch-policy.ts';
import { type EventAction, EventActionError, type EventInput, UnknownEventError } from '../event/inputs.ts';
import {
  callsOf,
  type EventRequest,
  isFinal,
  isOpen,
  type NewCall,
  proposedEvent,
  type ShedEvent,
} from '../event/shed-event.ts';
import { nextInstant } from '../event/timing.ts';
import { type BookState, type BookStep, Draft } from './book-step.ts';

export type BookInput =
  | { readonly kind: 'propose'; readonly request: EventRequest }
  /** An action on one event, or the planner's answer for it. */
  | {
      readonly kind: 'tell';
      readonly event: string;
      readonly input:
        | Exclude<EventAction, { readonly kind: 'stop-all' }>
        | Extract<EventInput, { readonly kind: 'replacement' | 'fail' }>;
    }
  /** One message to all houses, and the end of every event. `releaseJitterMs`: wall-clock ms. */
  | { readonly kind: 'stop-all'; readonly by: string; readonly reason: string; readonly releaseJitterMs: number }
  | { readonly kind: 'report'; readonly report: Report }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** The dispatcher has started again from what was stored. */
  | { readonly kind: 'restored' };

/** What survives a restart. Opt-outs come again from the broker, which retains them. */
export interface StoredBook {
  readonly events: readonly ShedEvent[];
  readonly stop: Stop | undefined;
}

/** Refusals that name no event are noted at most this often per house, ms: a house must not fill the audit trail. */
const REFUSAL_NOTE_MS = 60_000;

export class EventBook {
  readonly #policy: DispatchPolicy;
  readonly #events = new Map<string, ShedEvent>();
  /** See {@link BookState.open}. */
  readonly #open = new Map<string, number>();
  readonly #lastSeq = new Map<string, number>();
  readonly #optOuts = new Map<string, OptOuts>();
  readonly #refusalNotes = new Map<string, number>();
  #stop: Stop | undefined;
  /** Steps that were decided before this are outdated. */
  #decided = new WeakSet<BookStep>();

  /** @param stored what a log has kept. @default nothing */
  constructor(policy: DispatchPolicy, stored: StoredBook = { events: [], stop: undefined }) {
    this.#policy = policy;
    this.#stop = stored.stop;
    for (const event of stored.events) {
      this.#keep(undefined, event);
    }
  }

  event(id: string): ShedEvent | undefined {
    return this.#events.get(id);
  }

  /** All events, in the order in which they were made. */
  events(): ShedEvent[] {
    return [...this.#events.values()].sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
  }

  /** When time changes an event next, wall-clock ms; Infinity when never. */
  get nextMs(): number {
    return Math.min(Infinity, ...this.#open.values());
  }

  /** The newest opt-outs of a house; undefined when it sent none. */
  optOutsOf(house: string): OptOuts | undefined {
    return this.#optOuts.get(house);
  }

  /** The newest opt-outs of every house that sent some. */
  optOuts(): OptOuts[] {
    return [...this.#optOuts.values()];
  }

  /** The event that has an appliance off, or will, by appliance id: nobody else may plan with it. */
  held(): Map<string, string> {
    const held = new Map<string, string>();
    for (const event of this.#openEvents()) {
      for (const { applianceId, status } of callsOf(event)) {
        if (isOpen(status)) {
          held.set(applianceId, event.id);
        }
      }
    }
    return held;
  }

  /**
   * What follows from inputs, in their order, as one step.
   *
   * @param nowMs wall-clock ms.
   * @throws EventActionError when an action is not allowed: then nothing of the inputs counts.
   */
  decide(inputs: readonly BookInput[], nowMs: number): BookStep {
    const state: BookState = {
      events: this.#events,
      open: this.#open,
      lastSeq: this.#lastSeq,
      optOuts: this.#optOuts,
      refusalNotes: this.#refusalNotes,
      stop: this.#stop,
    };
    const draft = new Draft(state, this.#policy, nowMs);
    // Reports in a row are one step of each event.
    let reports: Report[] = [];
    for (const input of inputs) {
      if (input.kind === 'report') {
        reports.push(input.report);
      } else {
        onReports(draft, reports);
        reports = [];
        this.#apply(draft, input);
      }
    }
    onReports(draft, reports);
    const step = draft.finish();
    this.#decided.add(step);
    return step;
  }

  /** Makes a step the book's state. @throws RangeError when another one was accepted since it was decided. */
  accept(step: BookStep): void {
    if (!this.#decided.has(step)) {
      throw new RangeError('the book has changed since the step was decided: decide it again');
    }
    this.#decided = new WeakSet();
    for (const { before, after } of step.events) {
      this.#keep(before, after);
    }
    for (const [house, report] of step.optOuts) {
      this.#optOuts.set(house, report);
    }
    for (const [house, atMs] of step.refusalNotes) {
      this.#refusalNotes.set(house, atMs);
    }
    this.#stop = step.stop ?? this.#stop;
  }

  #keep(before: ShedEvent | undefined, event: ShedEvent): void {
    this.#events.set(event.id, event);
    if (isFinal(event.phase)) {
      this.#open.delete(event.id);
    } else {
      this.#open.set(event.id, nextInstant(event, this.#policy) ?? Infinity);
    }
    for (const [id, house] of Object.entries(event.houses)) {
      if (house !== before?.houses[id]) {
        this.#lastSeq.set(id, Math.max(house.seq, this.#lastSeq.get(id) ?? 0));
      }
    }
  }

  #openEvents(): ShedEvent[] {
    return [...this.#open.keys()].flatMap((id) => this.#events.get(id) ?? []);
  }

  #apply(draft: Draft, input: Exclude<BookInput, { readonly kind: 'report' }>): void {
    switch (input.kind) {
      case 'propose':
        propose(draft, input.request);
        break;
      case 'tell':
        tell(draft, input.event, input.input);
        break;
      case 'stop-all':
        stopAll(draft, input);
        break;
      case 'tick':
        for (const event of draft.openEvents()) {
          if (draft.nowMs >= (this.#open.get(event.id) ?? Infinity)) {
            draft.tell(event, { kind: 'tick' });
          }
        }
        break;
      case 'restored':
        this.#restore(draft);
        break;
    }
  }

  #restore(draft: Draft): void {
    const stop = this.#stop;
    // Whether it was sent is not known. Houses that had it do nothing; what was commanded since must go on.
    if (stop && [...this.#events.values()].every(({ createdMs }) => createdMs <= stop.issued)) {
      draft.sendStop(stop);
    }
    for (const event of draft.openEvents()) {
      draft.tell(event, { kind: 'restored' });
    }
  }
}

function stopAll(draft: Draft, { by, reason, releaseJitterMs }: Extract<BookInput, { kind: 'stop-all' }>): void {
  const open = draft.openEvents();
  const newestMs = Math.max(0, ...open.map(({ updatedMs }) => updatedMs));
  const { seq } = draft.makeStop(reason, releaseJitterMs, newestMs);
  draft.note({ event: '', kind: 'stop-all', actor: by, detail: { seq, reason, events: open.map(({ id }) => id) } });
  for (const event of open) {
    draft.tell(event, { kind: 'stop-all', by });
  }
}

function onReports(draft: Draft, reports: readonly Report[]): void {
  const open = new Map(draft.openEvents().map((event) => [event.id, event]));
  const inputs = new Map<string, EventInput[]>();
  const tellLater = (id: string, input: EventInput): void => {
    inputs.set(id, inputs.get(id) ?? []);
    inputs.get(id)?.push(input);
  };
  const tellOne = (id: string, input: EventInput): void => {
    if (open.has(id)) {
      tellLater(id, input);
    } else {
      draft.ignore(draft.event(id) ? 'ended_event' : 'unknown_event');
    }
  };
  const tellAll = (house: string, input: EventInput): void => {
    for (const { id, houses } of open.values()) {
      if (houses[house]) {
        tellLater(id, input);
      }
    }
  };
  for (const report of reports) {
    switch (report.type) {
      case 'acknowledgement':
        tellOne(report.event, { kind: 'acknowledgement', report });
        break;
      case 'refusal':
        if (report.event === undefined) {
          noteRefusal(draft, report);
        } else {
          tellOne(report.event, { kind: 'refusal', report });
        }
        break;
      case 'optouts':
        if (report.at < (draft.optOutsOf(report.house)?.at ?? 0)) {
          draft.ignore('outdated');
        } else {
          draft.keepOptOuts(report);
          tellAll(report.house, { kind: 'optouts', report });
        }
        break;
      case 'state':
        tellAll(report.house, { kind: 'state', report });
        break;
    }
  }
  for (const [id, event] of open) {
    const told = inputs.get(id);
    if (told) {
      draft.tell(event, ...told);
    }
  }
}

function propose(draft: Draft, request: EventRequest): void {
  const known = draft.event(request.id);
  if (known) {
    throw new EventActionError(`event ${request.id} exists already, and is ${known.phase}: take another id`);
  }
  const { id, requestedBy, feeder, targetW, minutes, reason } = request;
  draft.add(proposedEvent(request, draft.nowMs));
  const detail = { feeder, target_w: targetW, minutes, reason };
  draft.note({ event: id, kind: 'propose', actor: requestedBy, detail });
}

function tell(draft: Draft, id: string, input: EventInput): void {
  const known = draft.event(id);
  if (!known) {
    throw new UnknownEventError(id);
  }
  // People may have opted out after the planner looked.
  for (const house of new Set(callsIn(input).map(({ houseId }) => houseId))) {
    const report = draft.optOutsOf(house);
    if (report && report.optouts.length > 0) {
      draft.tell(draft.event(id) ?? known, { kind: 'optouts', report });
    }
  }
  draft.tell(draft.event(id) ?? known, input);
}

/** Whom an input calls. */
function callsIn(input: EventInput): readonly NewCall[] {
  switch (input.kind) {
    case 'plan':
      return input.plan.calls;
    case 'modify':
    case 'extend':
      return input.change.add;
    case 'replacement':
      return input.calls;
    default:
      return [];
  }
}

/** Somebody else has sent the house a command, or ours was changed on its way: people must hear of it. */
function noteRefusal(draft: Draft, { house, at, reason, digest }: Refusal): void {
  if (draft.nowMs - draft.refusalNoteOf(house) >= REFUSAL_NOTE_MS) {
    draft.note({ event: '', kind: 'refusal', actor: house, detail: { at, reason, digest } });
    draft.keepRefusalNote(house);
  }
}
