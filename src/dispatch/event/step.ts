/**
 * The life cycle of an event as a pure function: an event and what happens to it give the event after it and decisions as
 * data. No clock, no network, nothing random: the same input gives the same bytes.
 *
 *     proposed -> planned -> notified -> active -> releasing -> done
 *         \__________\__________\__________\__________/ \-> cancelled | failed
 */
import { advance } from './advance.ts';
import { addCalls, cutTo, letGo } from './calls.ts';
import type { EventPlan } from './event-plan.ts';
import { type EventAction, EventActionError, type EventChange, type EventInput } from './inputs.ts';
import { onAcknowledgement, onOptOuts, onRefusal, onState } from './reports.ts';
import { callsOf, isFinal, type Phase, type ShedEvent } from './shed-event.ts';
import { endOfCall } from './timing.ts';
import { DISPATCHER, type StepContext, type StepResult, Transition } from './transition.ts';

/** Phases in which an action is allowed; in the others it is refused. Stop-all is never refused. */
const ALLOWED: Readonly<Record<Exclude<EventAction['kind'], 'stop-all'>, readonly Phase[]>> = {
  plan: ['proposed', 'planned'],
  ask: ['proposed', 'planned'],
  start: ['planned'],
  modify: ['notified', 'active'],
  extend: ['notified', 'active'],
  cancel: ['proposed', 'planned', 'notified', 'active'],
};

/**
 * @throws EventActionError when an action is not allowed; the event is as before, and the error says what is.
 */
export function stepEvent(event: ShedEvent, input: EventInput, context: StepContext): StepResult {
  return stepEventBy(event, [input], context);
}

/**
 * Several inputs at one instant as one step: what follows from time and from what is lost is looked at before and after all
 * of them. An event of thousands of houses costs the same for one report as for all.
 *
 * @throws EventActionError as {@link stepEvent}.
 */
export function stepEventBy(event: ShedEvent, inputs: readonly EventInput[], context: StepContext): StepResult {
  const step = new Transition(event, context);
  unlessFinal(step, () => advance(step));
  for (const input of inputs) {
    unlessFinal(
      step,
      () => apply(step, input),
      () => refuseAction(step, input),
    );
  }
  unlessFinal(step, () => advance(step));
  return step.finish();
}

/** What has ended stays as it is: late reports and clocks change nothing. */
function unlessFinal(step: Transition, go: () => void, otherwise: () => void = () => undefined): void {
  (isFinal(step.event.phase) ? otherwise : go)();
}

function apply(step: Transition, input: EventInput): void {
  refuseAction(step, input);
  switch (input.kind) {
    case 'tick':
      break;
    case 'acknowledgement':
      onAcknowledgement(step, input.report);
      break;
    case 'refusal':
      onRefusal(step, input.report);
      break;
    case 'state':
      onState(step, input.report);
      break;
    case 'optouts':
      onOptOuts(step, input.report);
      break;
    case 'plan':
      plan(step, input.plan, input.by);
      break;
    case 'ask':
      step.set({
        targetW: input.targetW,
        minutes: input.minutes,
        planHash: null,
        startMs: null,
        endMs: null,
        houses: {},
      });
      step.note('ask', input.by, { target_w: input.targetW, minutes: input.minutes });
      if (step.event.phase !== 'proposed') {
        step.set({ createdMs: step.nowMs });
        step.enter('proposed', input.by);
      }
      break;
    case 'start':
      start(step, input.by);
      break;
    case 'modify':
    case 'extend':
      change(step, input.kind, input.change, input.by);
      break;
    case 'cancel':
      step.note('cancel', input.by, { reason: input.reason });
      step.end('cancelled', input.reason, input.by);
      step.releaseAll(input.by);
      break;
    case 'stop-all':
      step.note('stop-all', input.by, {});
      if (step.event.phase !== 'releasing') {
        step.end('cancelled', 'stop-all', input.by);
      }
      step.releaseAll(input.by);
      break;
    case 'fail':
      step.note('fail', DISPATCHER, { reason: input.reason });
      if (step.event.phase !== 'releasing') {
        step.end('failed', input.reason, DISPATCHER);
        step.releaseAll(DISPATCHER);
      }
      break;
    case 'replacement':
      replace(step, input.calls);
      break;
    case 'restored':
      restore(step);
      break;
  }
}

function refuseAction(step: Transition, input: EventInput): void {
  const { phase, id } = step.event;
  const isAction = input.kind in ALLOWED;
  if (!isAction) {
    return;
  }
  const allowed = ALLOWED[input.kind as keyof typeof ALLOWED];
  if (!allowed.includes(phase)) {
    throw new EventActionError(`event ${id} is ${phase}: ${input.kind} is for events that are ${allowed.join(' or ')}`);
  }
}

function plan(step: Transition, made: EventPlan, by: string): void {
  const { hash, targetW, minutes, startMs, endMs, promisedW, startJitterMs, releaseJitterMs } = made;
  step.set({
    planHash: hash,
    targetW,
    minutes,
    startMs,
    endMs,
    promisedW,
    startJitterMs,
    releaseJitterMs,
    houses: {},
    lostW: 0,
  });
  step.note('plan', by, { hash, target_w: targetW, promised_w: promisedW, start: startMs, end: endMs });
  addCalls(step, made.calls, by);
  if (step.event.phase === 'proposed') {
    step.enter('planned', by);
  }
}

function start(step: Transition, by: string): void {
  const calls = callsOf(step.event).filter(({ status }) => status === 'planned');
  if (calls.length === 0) {
    throw new EventActionError(`event ${step.event.id} calls nobody: plan it again, with less or at another time`);
  }
  step.note('start', by, { plan: step.event.planHash });
  step.enter('notified', by);
  for (const house of new Set(calls.map(({ houseId }) => houseId))) {
    step.command(house, by);
  }
}

function change(step: Transition, kind: 'modify' | 'extend', asked: EventChange, by: string): void {
  const { id, endMs } = step.event;
  if (asked.endMs <= step.nowMs) {
    throw new EventActionError(`event ${id} can't end in the past: cancel it instead`);
  }
  if (kind === 'extend' && (asked.endMs <= (endMs ?? 0) || asked.release.length > 0)) {
    throw new EventActionError(
      `event ${id} can only be extended to a later end, without letting anybody go: modify it instead`,
    );
  }
  const { hash, targetW, minutes, promisedW } = asked;
  step.note(kind, by, { hash, target_w: targetW, promised_w: promisedW, end: asked.endMs });
  // Whoever could not be replaced before may be now.
  step.set({ planHash: hash, targetW, minutes, promisedW, endMs: asked.endMs, isExhausted: false, lostW: 0 });
  const released = new Set(asked.release);
  const houses = new Set([
    ...cutTo(step, callsOf(step.event), asked.endMs),
    ...letGo(
      step,
      callsOf(step.event).filter(({ applianceId }) => released.has(applianceId)),
    ),
    ...addCalls(step, asked.add, by).houses,
  ]);
  for (const house of houses) {
    step.command(house, by);
  }
}

function replace(step: Transition, calls: Parameters<typeof addCalls>[1]): void {
  if (!step.event.isReplacing) {
    // It took so long that the event is over, or was changed.
    return;
  }
  const { houses, addedW } = addCalls(step, calls, DISPATCHER);
  const lostW = Math.max(0, step.event.lostW - addedW);
  // A planner that brings less than asked for has nobody left.
  step.set({ isReplacing: false, lostW, isExhausted: lostW > 0 });
  step.note('replacement', DISPATCHER, { added_w: addedW, still_lost_w: lostW });
  for (const house of houses) {
    step.command(house, DISPATCHER);
  }
}

function restore(step: Transition): void {
  step.note('restored', DISPATCHER, { phase: step.event.phase });
  for (const [id, { answer, attempts }] of Object.entries(step.event.houses)) {
    if (answer === 'waiting') {
      step.repeat(id, attempts);
    }
  }
  if (step.event.isReplacing) {
    step.askForOthers();
  }
}

/** How many ms after `until` and jitter the latest release was reported; 0 when all were in time. */
export function releaseLateMs(event: ShedEvent): number {
  return callsOf(event).reduce((latest, call) => {
    return Math.max(latest, (call.onMs ?? 0) - endOfCall(call, event.releaseJitterMs));
  }, 0);
}
