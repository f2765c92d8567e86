/** What time does to an event: starts, ends, houses that do not answer, relief that must be replaced. */
import { callsOf, isOpen, isWanted } from './shed-event.ts';
import { releasedByMs } from './timing.ts';
import { DISPATCHER, type Transition } from './transition.ts';

export function advance(step: Transition): void {
  expire(step);
  turn(step);
  askAgain(step);
  replaceLost(step);
  giveUp(step);
  close(step);
}

/** Nobody has decided in time. */
function expire(step: Transition): void {
  const { phase, createdMs, startMs } = step.event;
  const untilMs =
    phase === 'proposed'
      ? createdMs + step.policy.proposalMs
      : phase === 'planned'
        ? (startMs ?? 0) + step.policy.staleMs
        : Infinity;
  if (step.nowMs >= untilMs) {
    step.end('cancelled', 'nobody started it in time', DISPATCHER);
  }
}

function turn(step: Transition): void {
  if (step.event.phase === 'notified' && step.nowMs >= (step.event.startMs ?? Infinity)) {
    step.enter('active', DISPATCHER);
  }
  if (step.event.phase === 'active' && step.nowMs >= (step.event.endMs ?? Infinity)) {
    step.end('done', '', DISPATCHER);
  }
}

function askAgain(step: Transition): void {
  for (const [id, house] of Object.entries(step.event.houses)) {
    if (house.answer !== 'waiting' || step.nowMs < house.deadlineMs) {
      continue;
    }
    if (house.attempts < step.policy.attempts) {
      step.repeat(id, house.attempts + 1);
      continue;
    }
    const unanswered = Object.values(house.calls).filter(({ status }) => status === 'sent');
    step.setHouse(id, { answer: 'silent' });
    step.note('silent', DISPATCHER, {
      house: id,
      seq: house.seq,
      appliances: unanswered.map((call) => call.applianceId),
    });
    for (const call of unanswered) {
      step.lose(call, { status: 'silent' });
    }
    if (unanswered.length > 0) {
      // A house that comes back later must not be off as well as those that replace it. It is told once: the broker
      // keeps it.
      step.command(id, DISPATCHER, step.policy.attempts);
    }
  }
}

function replaceLost(step: Transition): void {
  const { phase, lostW, isReplacing, isExhausted, replacements, endMs } = step.event;
  const { maxReplacements, minLeftMs } = step.policy;
  const isRunning = phase === 'notified' || phase === 'active';
  if (!isRunning || !(lostW > 0) || isReplacing || isExhausted || replacements >= maxReplacements) {
    return;
  }
  if ((endMs ?? 0) - step.nowMs >= minLeftMs) {
    step.set({ isReplacing: true, replacements: replacements + 1 });
    step.note('replace', DISPATCHER, { lost_w: lostW });
    step.askForOthers();
  }
}

/** Nobody is off, nobody will be, and nobody is left to ask. */
function giveUp(step: Transition): void {
  const { phase, isReplacing } = step.event;
  const isRunning = phase === 'notified' || phase === 'active';
  const serves = callsOf(step.event).some(({ status }) => isWanted(status) || status === 'released');
  if (isRunning && !isReplacing && !serves) {
    step.end('failed', 'no house is left that obeys', DISPATCHER);
  }
}

function close(step: Transition): void {
  if (step.event.phase !== 'releasing') {
    return;
  }
  const open = callsOf(step.event).filter(({ status }) => isOpen(status));
  const isWaiting = Object.values(step.event.houses).some(({ answer }) => answer === 'waiting');
  if (open.length === 0 && !isWaiting) {
    step.settle();
  } else if (step.nowMs >= releasedByMs(step.event, step.policy)) {
    // Their own timers have released them; they have not said so.
    step.note('unconfirmed', DISPATCHER, { appliances: open.map(({ applianceId }) => applianceId) });
    step.settle();
  }
}
