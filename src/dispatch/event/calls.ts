/** Whom an event calls: additions, other ends, and what is let go. */
import type { EventCall, NewCall } from './shed-event.ts';
import { isWanted } from './shed-event.ts';
import type { Transition } from './transition.ts';

/** A command names at most so many appliances. */
const MAX_CALLS_PER_HOUSE = 64;

/** Why a call is left out of an event. */
export type Dropped = 'opted_out' | 'called_before' | 'too_long' | 'over' | 'too_many';

/**
 * Adds calls, or gives calls another end; leaves out what the event's rules do not allow, with a note.
 *
 * @returns the houses whose calls have changed, and the relief that is added, W.
 */
export function addCalls(
  step: Transition,
  calls: readonly NewCall[],
  actor: string,
): { houses: string[]; addedW: number } {
  const houses = new Set<string>();
  let addedW = 0;
  for (const call of calls) {
    const dropped = reasonAgainst(step, call);
    if (dropped) {
      step.note('dropped', actor, { appliance: call.applianceId, reason: dropped });
      continue;
    }
    const known = step.event.houses[call.houseId]?.calls[call.applianceId];
    if (known) {
      // What the house has started keeps its start.
      const hasStarted = known.status !== 'planned';
      step.setCall(known, { ...call, notBeforeMs: hasStarted ? known.notBeforeMs : call.notBeforeMs });
      addedW += call.expectedW - known.expectedW;
    } else {
      step.setCall({ ...call, status: 'planned' }, {});
      addedW += call.expectedW;
    }
    houses.add(call.houseId);
  }
  return { houses: [...houses], addedW };
}

function reasonAgainst({ event, nowMs }: Transition, call: NewCall): Dropped | undefined {
  const { optedOut, releaseJitterMs, endMs } = event;
  const house = event.houses[call.houseId];
  const known = house?.calls[call.applianceId];
  if (optedOut.houses.includes(call.houseId) || optedOut.appliances.includes(call.applianceId)) {
    return 'opted_out';
  }
  if (known && !isWanted(known.status)) {
    return 'called_before';
  }
  if (call.untilMs <= nowMs || (known && call.untilMs <= known.notBeforeMs) || call.untilMs > (endMs ?? Infinity)) {
    return 'over';
  }
  const startMs = known && known.status !== 'planned' ? (known.offMs ?? known.notBeforeMs) : call.notBeforeMs;
  if (call.untilMs + releaseJitterMs - startMs > call.maxOffMs) {
    return 'too_long';
  }
  const wanted = Object.values(house?.calls ?? {}).filter(({ status }) => isWanted(status));
  return !known && wanted.length >= MAX_CALLS_PER_HOUSE ? 'too_many' : undefined;
}

/** Lets calls go: those that a house was told of once it has confirmed. @returns the houses to tell. */
export function letGo(step: Transition, calls: readonly EventCall[]): string[] {
  const houses = new Set<string>();
  for (const call of calls) {
    if (call.status === 'planned') {
      step.setCall(call, { status: 'withdrawn' });
    } else if (isWanted(call.status)) {
      step.setCall(call, { status: 'releasing' });
      houses.add(call.houseId);
    }
  }
  return [...houses];
}

/** An earlier end of the event: nobody is off beyond it. @returns the houses to tell. */
export function cutTo(step: Transition, calls: readonly EventCall[], endMs: number): string[] {
  const houses = new Set<string>();
  for (const call of calls.filter(({ status, untilMs }) => isWanted(status) && untilMs > endMs)) {
    if (call.notBeforeMs >= endMs) {
      letGo(step, [call]);
    } else {
      step.setCall(call, { untilMs: endMs });
    }
    houses.add(call.houseId);
  }
  return [...houses];
}
