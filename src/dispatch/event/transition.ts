/** One step of an event under way: the event so far and what was decided. */
import type { Command, CommandCall } from '../../core/shed/command.ts';
import type { DispatchPolicy } from './dispatch-policy.ts';
import type { AuditNote, Decision } from './inputs.ts';
import {
  callsOf,
  type EventCall,
  type EventHouse,
  FINAL_PHASES,
  isOpen,
  isWanted,
  type Phase,
  type ShedEvent,
} from './shed-event.ts';
import { nextInstant } from './timing.ts';

export interface StepContext {
  /** Wall-clock ms. */
  readonly nowMs: number;
  readonly policy: DispatchPolicy;
  /** Number of the newest command to a house, over all events; 0 without one. */
  readonly lastSeq: (house: string) => number;
}

export interface StepResult {
  /** The same object when nothing has changed. */
  readonly event: ShedEvent;
  /** In the order in which they are to be carried out, after the event is stored. */
  readonly decisions: readonly Decision[];
}

/** Who causes what time causes. */
export const DISPATCHER = 'dispatcher';

export class Transition {
  readonly #before: ShedEvent;
  readonly #context: StepContext;
  readonly #decisions: Decision[] = [];
  #event: ShedEvent;
  /** The houses as this step has changed them: copied once, since an event may have thousands. */
  #houses: Record<string, EventHouse> | undefined;
  /** The event's own time never goes back. */
  readonly nowMs: number;

  constructor(event: ShedEvent, context: StepContext) {
    this.#before = event;
    this.#event = event;
    this.#context = context;
    this.nowMs = Math.max(context.nowMs, event.updatedMs);
  }

  get event(): ShedEvent {
    return this.#event;
  }

  get policy(): DispatchPolicy {
    return this.#context.policy;
  }

  finish(): StepResult {
    if (this.#event !== this.#before) {
      this.#event = { ...this.#event, revision: this.#before.revision + 1, updatedMs: this.nowMs };
    }
    const atMs = nextInstant(this.#event, this.policy);
    if (atMs !== undefined) {
      this.#decisions.push({ kind: 'wake', event: this.#event.id, atMs });
    }
    return { event: this.#event, decisions: this.#decisions };
  }

  set(patch: Partial<ShedEvent>): void {
    this.#event = { ...this.#event, ...patch };
    if (patch.houses) {
      this.#houses = undefined;
    }
  }

  setHouse(id: string, patch: Partial<EventHouse>): void {
    const house = this.#event.houses[id] ?? emptyHouse(this.nowMs);
    if (!this.#houses) {
      this.#houses = { ...this.#event.houses };
      this.#event = { ...this.#event, houses: this.#houses };
    }
    this.#houses[id] = { ...house, ...patch };
  }

  setCall(call: EventCall, patch: Partial<EventCall>): void {
    const calls = this.#event.houses[call.houseId]?.calls;
    this.setHouse(call.houseId, { calls: { ...calls, [call.applianceId]: { ...call, ...patch } } });
  }

  /** A call that was counted on is lost: others are asked for. */
  lose(call: EventCall, patch: Partial<EventCall>): void {
    this.setCall(call, patch);
    this.set({ lostW: this.#event.lostW + call.expectedW });
  }

  note(kind: string, actor: string, detail: AuditNote['detail']): void {
    this.#decisions.push({ kind: 'note', note: { event: this.#event.id, kind, actor, detail } });
  }

  enter(phase: Phase, actor: string, detail: AuditNote['detail'] = {}): void {
    this.note('phase', actor, { from: this.#event.phase, to: phase, ...detail });
    this.set({ phase });
  }

  /** To the end by way of releasing what is off, or at once when no house was told anything. */
  end(ending: (typeof FINAL_PHASES)[number], note: string, actor: string): void {
    this.set({ ending, note, isReplacing: false });
    for (const call of callsOf(this.#event)) {
      if (call.status === 'planned') {
        this.setCall(call, { status: 'withdrawn' });
      }
    }
    this.enter('releasing', actor, note === '' ? {} : { note });
  }

  /** Takes back what houses were told, in all of them. */
  releaseAll(actor: string): void {
    for (const [id, house] of Object.entries(this.#event.houses)) {
      const open = Object.values(house.calls).filter(({ status }) => isOpen(status));
      if (open.length > 0) {
        for (const call of open) {
          this.setCall(call, { status: 'releasing' });
        }
        this.command(id, actor);
      }
    }
  }

  /** Tells a house what the event wants of it now. */
  command(houseId: string, actor: string, attempts = 1): void {
    const house = this.#event.houses[houseId] ?? emptyHouse(this.nowMs);
    const wanted = Object.values(house.calls)
      .filter(({ status }) => isWanted(status))
      .sort((a, b) => (a.applianceId < b.applianceId ? -1 : 1));
    for (const call of wanted) {
      if (call.status === 'planned') {
        this.setCall(call, { status: 'sent' });
      }
    }
    const seq = Math.max(this.nowMs, this.#context.lastSeq(houseId) + 1, house.seq + 1);
    const commanded = wanted.map(({ applianceId, notBeforeMs, untilMs }): CommandCall => ({
      appliance: applianceId,
      not_before: notBeforeMs,
      until: untilMs,
    }));
    this.setHouse(houseId, {
      seq,
      issuedMs: this.nowMs,
      attempts,
      deadlineMs: this.nowMs + this.policy.ackMs,
      answer: 'waiting',
      commanded,
    });
    this.note('command', actor, { house: houseId, seq, calls: commanded });
    this.#send(houseId);
  }

  /** The newest command once more: the same number, the same bytes. */
  repeat(houseId: string, attempts: number): void {
    this.setHouse(houseId, { attempts, deadlineMs: this.nowMs + this.policy.ackMs });
    this.#send(houseId);
  }

  /** Asks the planner for others. */
  askForOthers(): void {
    this.#decisions.push({ kind: 'replace', event: this.#event.id, lostW: this.#event.lostW });
  }

  /** Ends what waits for nothing any more. */
  settle(): void {
    const { phase, ending } = this.#event;
    if (phase === 'releasing' && ending !== null) {
      this.enter(ending, DISPATCHER);
    }
  }

  #send(houseId: string): void {
    const command = commandOf(this.#event, houseId);
    if (command) {
      this.#decisions.push({ kind: 'command', command });
    }
  }
}

/** The newest command to a house; undefined before the first. */
export function commandOf(event: ShedEvent, houseId: string): Command | undefined {
  const house = event.houses[houseId];
  if (!house || house.seq === 0) {
    return undefined;
  }
  const { commanded, issuedMs, seq } = house;
  return {
    version: 1,
    house: houseId,
    event: event.id,
    seq,
    issued: issuedMs,
    not_before: commanded.length === 0 ? issuedMs : Math.min(...commanded.map((call) => call.not_before)),
    until: commanded.length === 0 ? issuedMs : Math.max(...commanded.map((call) => call.until)),
    start_jitter_ms: event.startJitterMs,
    release_jitter_ms: event.releaseJitterMs,
    reason: event.reason,
    calls: commanded,
  };
}

export function emptyHouse(nowMs: number): EventHouse {
  return {
    seq: 0,
    issuedMs: nowMs,
    attempts: 0,
    deadlineMs: nowMs,
    answer: 'none',
    commanded: [],
    reportedMs: 0,
    calls: {},
  };
}
