/** What of an event happens when: all from its state, so that it can be restored. */
import type { DispatchPolicy } from './dispatch-policy.ts';
import { callsOf, type EventCall, isFinal, isOpen, type ShedEvent } from './shed-event.ts';

/** When a call is over by the house's own timer, its jitter included, wall-clock ms. */
export function endOfCall(call: EventCall, releaseJitterMs: number): number {
  return Math.max(call.untilMs, call.heldUntilMs ?? 0) + releaseJitterMs;
}

/** By when every house has released by its own timer, and could have said so; Infinity when nothing is off. */
export function releasedByMs(event: ShedEvent, policy: DispatchPolicy): number {
  const open = callsOf(event).filter(({ status }) => isOpen(status));
  return open.length === 0
    ? Infinity
    : Math.max(...open.map((call) => endOfCall(call, event.releaseJitterMs))) + policy.graceMs;
}

/** The next instant at which time alone changes the event; undefined when it never does. */
export function nextInstant(event: ShedEvent, policy: DispatchPolicy): number | undefined {
  const { phase, createdMs, startMs, endMs, houses } = event;
  if (isFinal(phase)) {
    return undefined;
  }
  const instants = Object.values(houses)
    .filter(({ answer }) => answer === 'waiting')
    .map(({ deadlineMs }) => deadlineMs);
  switch (phase) {
    case 'proposed':
      instants.push(createdMs + policy.proposalMs);
      break;
    case 'planned':
      instants.push((startMs ?? 0) + policy.staleMs);
      break;
    case 'notified':
      instants.push(startMs ?? 0);
      break;
    case 'active':
      instants.push(endMs ?? 0);
      break;
    case 'releasing':
      instants.push(releasedByMs(event, policy));
      break;
  }
  return Math.min(...instants);
}
