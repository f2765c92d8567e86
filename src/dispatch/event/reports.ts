/** What houses say, and what follows for the event. Late, repeated and reordered reports change nothing. */
import type { Acknowledgement, HouseState, OptOuts, Refusal } from '../../core/shed/reports.ts';
import { type EventCall, isWanted } from './shed-event.ts';
import type { Transition } from './transition.ts';

/** A house may report the state of an appliance this much after it has changed, ms. */
const REPORT_MS = 1_000;

export function onAcknowledgement(step: Transition, report: Acknowledgement): void {
  const house = step.event.houses[report.house];
  if (report.seq !== house?.seq || (house.answer !== 'waiting' && house.answer !== 'silent')) {
    return;
  }
  step.setHouse(report.house, { answer: 'acknowledged' });
  step.note('acknowledgement', report.house, {
    seq: report.seq,
    at: report.at,
    accepted: report.accepted,
    refused: report.refused,
  });
  const accepted = new Set(report.accepted);
  const refused = new Map(report.refused.map(({ appliance, reason }) => [appliance, reason]));
  for (const call of Object.values(house.calls)) {
    if (accepted.has(call.applianceId) && isWanted(call.status)) {
      step.setCall(call, {
        status: call.status === 'sent' ? 'accepted' : call.status,
        heldUntilMs: house.commanded.find(({ appliance }) => appliance === call.applianceId)?.until ?? call.untilMs,
      });
    } else if (call.status === 'sent') {
      step.lose(call, { status: 'refused', reason: refused.get(call.applianceId) ?? 'unanswered' });
    } else if (call.status === 'releasing' && call.offMs === undefined) {
      // It was never off.
      step.setCall(call, { status: 'withdrawn' });
    } else if (refused.has(call.applianceId) && isWanted(call.status)) {
      // Another end is refused: the house keeps the one that it has accepted.
      step.setCall(call, {
        untilMs: call.heldUntilMs ?? call.untilMs,
        reason: refused.get(call.applianceId) ?? 'refused',
      });
    }
  }
}

/** A refusal of something that was not signed by us names no event, and never gets here. */
export function onRefusal(step: Transition, report: Refusal): void {
  const house = step.event.houses[report.house];
  if (house?.answer !== 'waiting' || report.seq !== house.seq) {
    return;
  }
  step.setHouse(report.house, { answer: 'refused' });
  step.note('refusal', report.house, { seq: house.seq, at: report.at, reason: report.reason });
  for (const call of Object.values(house.calls)) {
    if (call.status === 'sent') {
      step.lose(call, { status: 'refused', reason: report.reason });
    }
  }
}

/** People go first: who has opted out counts as not called, and is not asked again in this event. */
export function onOptOuts(step: Transition, report: OptOuts): void {
  const holding = report.optouts.filter(({ until }) => (until ?? Infinity) > step.nowMs);
  const isWhole = holding.some(({ appliance }) => appliance === undefined);
  const appliances = new Set(holding.flatMap(({ appliance }) => appliance ?? []));
  const { optedOut } = step.event;
  const newHouses = isWhole && !optedOut.houses.includes(report.house) ? [report.house] : [];
  const newAppliances = [...appliances].filter((id) => !optedOut.appliances.includes(id));
  const calls = Object.values(step.event.houses[report.house]?.calls ?? {});
  const lost = calls.filter((call) => isWanted(call.status) && (isWhole || appliances.has(call.applianceId)));
  if (newHouses.length > 0 || newAppliances.length > 0) {
    step.set({
      optedOut: {
        houses: [...optedOut.houses, ...newHouses],
        appliances: [...optedOut.appliances, ...newAppliances],
      },
    });
  }
  if (lost.length > 0) {
    step.note('optout', report.house, { at: report.at, appliances: lost.map(({ applianceId }) => applianceId) });
  }
  for (const call of lost) {
    step.lose(call, { status: 'opted_out' });
  }
}

export function onState(step: Transition, report: HouseState): void {
  const house = step.event.houses[report.house];
  if (!house || report.at < house.reportedMs) {
    return;
  }
  if (report.at > house.reportedMs) {
    step.setHouse(report.house, { reportedMs: report.at });
  }
  const listed = new Map(
    report.appliances.filter(({ event }) => event === step.event.id).map((one) => [one.appliance, one]),
  );
  for (const call of Object.values(house.calls)) {
    const said = listed.get(call.applianceId);
    if (said?.state === 'off') {
      wentOff(step, call, said.since);
    } else if (said) {
      cameOn(step, call, said.since);
    } else if (call.status === 'off' && report.at > (call.offMs ?? 0)) {
      // A house that has lost its power starts normal.
      cameOn(step, call, report.at);
    } else if (call.status === 'accepted' && report.at > call.notBeforeMs + step.event.startJitterMs + REPORT_MS) {
      step.note('lost', report.house, { appliance: call.applianceId });
      step.lose(call, { status: 'refused', reason: 'lost' });
    }
  }
}

function wentOff(step: Transition, call: EventCall, offMs: number): void {
  switch (call.status) {
    case 'sent':
    case 'accepted':
      step.setCall(call, { status: 'off', offMs });
      break;
    case 'silent':
    case 'refused':
    case 'withdrawn':
      // It is off although nobody counts on it: it was told to come back, and is waited for.
      step.setCall(call, { status: 'releasing', offMs });
      break;
    case 'releasing':
      if (call.offMs === undefined) {
        step.setCall(call, { offMs });
      }
      break;
    default:
      return;
  }
  step.note('off', call.houseId, { appliance: call.applianceId, at: offMs });
}

function cameOn(step: Transition, call: EventCall, onMs: number): void {
  if (call.onMs !== undefined || call.status === 'planned') {
    return;
  }
  step.note('on', call.houseId, { appliance: call.applianceId, at: onMs });
  if (call.status === 'opted_out') {
    step.setCall(call, { onMs });
  } else if ((call.status === 'off' || call.status === 'accepted') && onMs + REPORT_MS < call.untilMs) {
    // Earlier than asked for, and without an opt-out.
    step.lose(call, { status: 'released', onMs });
  } else {
    step.setCall(call, { status: 'released', onMs });
  }
}
