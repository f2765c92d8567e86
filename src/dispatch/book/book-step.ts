/** One step of the book under way: the events and numbers so far, and what was decided. */
import type { Stop } from '../../core/shed/command.ts';
import type { OptOuts } from '../../core/shed/reports.ts';
import type { DispatchPolicy } from '../event/dispatch-policy.ts';
import type { AuditNote, Decision, EventInput } from '../event/inputs.ts';
import { isFinal, type ShedEvent } from '../event/shed-event.ts';
import { stepEventBy } from '../event/step.ts';

/** What follows from a step, once it is stored. The book itself keeps the time of the next tick. */
export type BookDecision =
  | Exclude<Decision, { readonly kind: 'wake' | 'note' }>
  /** Sign and send to all houses. The same stop again has the same number and the same bytes. */
  | { readonly kind: 'stop'; readonly stop: Stop };

/** Why a report changes no event. Each is counted. */
export type IgnoredReport = 'unknown_event' | 'ended_event' | 'outdated';

/** An event before a step (undefined when the step makes it) and after. */
export interface EventTransition {
  readonly before: ShedEvent | undefined;
  readonly after: ShedEvent;
}

/** What is stored together, and what follows once it is. */
export interface BookStep {
  /** When it was decided, wall-clock ms. */
  readonly atMs: number;
  readonly events: readonly EventTransition[];
  /** A stop that this step makes. */
  readonly stop: Stop | undefined;
  /** For the audit trail, in order. */
  readonly notes: readonly AuditNote[];
  /** In the order in which they are to be carried out. */
  readonly decisions: readonly BookDecision[];
  /** The newest opt-outs of houses that sent some: not stored, since the broker retains them. */
  readonly optOuts: ReadonlyMap<string, OptOuts>;
  /** When refusals that name no event were last noted, by house. */
  readonly refusalNotes: ReadonlyMap<string, number>;
  readonly ignored: ReadonlyMap<IgnoredReport, number>;
}

/** Whether there is anything to store. */
export const isStored = ({ events, stop, notes }: BookStep): boolean =>
  events.length > 0 || notes.length > 0 || stop !== undefined;

/** What a step starts from. */
export interface BookState {
  readonly events: ReadonlyMap<string, ShedEvent>;
  /** Ids of events that are not final, and when time changes them next, wall-clock ms. */
  readonly open: ReadonlyMap<string, number>;
  readonly lastSeq: ReadonlyMap<string, number>;
  readonly optOuts: ReadonlyMap<string, OptOuts>;
  readonly refusalNotes: ReadonlyMap<string, number>;
  readonly stop: Stop | undefined;
}

export class Draft {
  readonly #state: BookState;
  readonly #policy: DispatchPolicy;
  readonly #changed = new Map<string, ShedEvent>();
  readonly #seqs = new Map<string, number>();
  readonly #notes: AuditNote[] = [];
  readonly #decisions: BookDecision[] = [];
  readonly #optOuts = new Map<string, OptOuts>();
  readonly #refusalNotes = new Map<string, number>();
  readonly #ignored = new Map<IgnoredReport, number>();
  #stop: Stop | undefined;
  #nowMs: number;

  constructor(state: BookState, policy: DispatchPolicy, nowMs: number) {
    this.#state = state;
    this.#policy = policy;
    // Houses refuse commands that were issued before the last stop, whatever the dispatcher's clock has done since.
    this.#nowMs = Math.max(nowMs, (state.stop?.issued ?? -1) + 1);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  event(id: string): ShedEvent | undefined {
    return this.#changed.get(id) ?? this.#state.events.get(id);
  }

  /** Events that are open so far: the step may have ended or made some. */
  openEvents(): ShedEvent[] {
    return [...new Set([...this.#state.open.keys(), ...this.#changed.keys()])].flatMap((id) => {
      const event = this.event(id);
      return event && !isFinal(event.phase) ? event : [];
    });
  }

  optOutsOf(house: string): OptOuts | undefined {
    return this.#optOuts.get(house) ?? this.#state.optOuts.get(house);
  }

  refusalNoteOf(house: string): number {
    return this.#refusalNotes.get(house) ?? this.#state.refusalNotes.get(house) ?? -Infinity;
  }

  add(event: ShedEvent): void {
    this.#changed.set(event.id, event);
  }

  note(note: AuditNote): void {
    this.#notes.push(note);
  }

  keepOptOuts(report: OptOuts): void {
    this.#optOuts.set(report.house, report);
  }

  keepRefusalNote(house: string): void {
    this.#refusalNotes.set(house, this.#nowMs);
  }

  ignore(reason: IgnoredReport): void {
    this.#ignored.set(reason, (this.#ignored.get(reason) ?? 0) + 1);
  }

  /** Tells an event something. @throws EventActionError when it does not allow it. */
  tell(event: ShedEvent, ...inputs: EventInput[]): void {
    const made = stepEventBy(event, inputs, {
      nowMs: this.#nowMs,
      policy: this.#policy,
      lastSeq: (house) => this.#seqs.get(house) ?? this.#state.lastSeq.get(house) ?? 0,
    });
    if (made.event !== event) {
      this.#changed.set(event.id, made.event);
    }
    for (const decision of made.decisions) {
      if (decision.kind === 'note') {
        this.#notes.push(decision.note);
      } else if (decision.kind !== 'wake') {
        this.#decisions.push(decision);
      }
      if (decision.kind === 'command') {
        const { house, seq } = decision.command;
        this.#seqs.set(house, Math.max(seq, this.#seqs.get(house) ?? 0));
      }
    }
  }

  /**
   * Makes the next stop. What is issued from now on is newer than it.
   *
   * @param newestMs the newest instant that any open event has seen.
   */
  makeStop(reason: string, releaseJitterMs: number, newestMs: number): Stop {
    const issued = Math.max(this.#nowMs, newestMs);
    const last = this.#stop ?? this.#state.stop;
    const stop: Stop = {
      version: 1,
      seq: Math.max(issued, (last?.seq ?? 0) + 1),
      issued,
      release_jitter_ms: releaseJitterMs,
      reason,
    };
    this.#stop = stop;
    this.#nowMs = issued + 1;
    this.sendStop(stop);
    return stop;
  }

  sendStop(stop: Stop): void {
    this.#decisions.push({ kind: 'stop', stop });
  }

  finish(): BookStep {
    return {
      atMs: this.#nowMs,
      events: [...this.#changed].map(([id, after]) => ({ before: this.#state.events.get(id), after })),
      stop: this.#stop,
      notes: this.#notes,
      decisions: this.#decisions,
      optOuts: this.#optOuts,
      refusalNotes: this.#refusalNotes,
      ignored: this.#ignored,
    };
  }
}
