import { describe, expect, test } from '@jest/globals';

import { columnsOf, learn, LivingFleet } from '../../../../bench/dispatch/fleets.ts';
import { EventBook } from '../../../../src/dispatch/book/book.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import { callsOf, isWanted, type ShedEvent } from '../../../../src/dispatch/event/shed-event.ts';
import { FLAG } from '../../../../src/dispatch/fleet.ts';
import { policyOf } from '../../../../src/dispatch/policy.ts';
import { promiseOf } from '../../../../src/dispatch/pool.ts';
import { RequestError } from '../../../../src/dispatch/request.ts';
import { GridPlanning, type GridState } from '../../../../src/dispatch/run/grid-planning.ts';
import type { Taken } from '../../../../src/dispatch/run/planning.ts';
import { StateTable } from '../../../../src/dispatch/state-table.ts';

const SPEED = 24;
const NOW = 1_000_000;
/** 15 minutes of grid time. */
const QUARTER_MS = 37_500;

const table = new StateTable(learn(1, 100, 900));
const columns = columnsOf(new LivingFleet(2, 1_200), (name) => table.rowOf('', name));
const loadW = columns.houses.powerW.reduce((sum, watts) => sum + watts, 0);
const policy = policyOf();
const nobody: Taken = { held: new Set(), isOptedOut: () => false };

/** The fleet as the planner sees it: who is taken carries its flag. */
const grid: GridState = {
  now: (name, { held, isOptedOut }) => {
    const flags = Uint8Array.from(columns.flags, (flag, index) => {
      const [appliance, house] = [columns.idOf(index), columns.houseIdOf(columns.house[index] ?? 0)];
      return flag | (held.has(appliance) ? FLAG.held : 0) | (isOptedOut(house, appliance) ? FLAG.optedOut : 0);
    });
    return Promise.resolve({ feeder: { name, loadW, limitW: 2 * loadW }, fleet: { ...columns, flags }, table });
  },
};

const planning = (nowMs = NOW): GridPlanning =>
  new GridPlanning({ grid, policy, speed: SPEED, noticeMs: 1_000, now: () => nowMs });

const TARGET_W = Math.round(0.05 * loadW);

/** An event that has told its houses. */
async function running(targetW = TARGET_W): Promise<{ book: EventBook; event: ShedEvent }> {
  const book = new EventBook(dispatchPolicyOf());
  const request = { eventId: 'e1', feeder: 'F1', targetW, minutes: 15 };
  const { onClock } = await planning().plan(request, nobody);
  const { eventId: id, ...rest } = request;
  const step = book.decide(
    [
      { kind: 'propose', request: { ...rest, id, reason: '', requestedBy: 'ann', confirmedBy: null } },
      { kind: 'tell', event: id, input: { kind: 'plan', by: 'ann', plan: onClock } },
      { kind: 'tell', event: id, input: { kind: 'start', by: 'ann' } },
    ],
    NOW,
  );
  book.accept(step);
  const event = book.event(id);
  if (!event) {
    throw new Error('an event is expected');
  }
  return { book, event };
}

const takenBy = (event: ShedEvent): Taken => ({
  held: new Set(callsOf(event).map(({ applianceId }) => applianceId)),
  isOptedOut: () => false,
});

const wanted = (event: ShedEvent | undefined) => (event ? callsOf(event).filter(({ status }) => isWanted(status)) : []);
const promiseOfAll = (calls: readonly { expectedW: number; variance: number }[]): number =>
  promiseOf(
    policy,
    calls.reduce((sum, { expectedW }) => sum + expectedW, 0),
    calls.reduce((sum, { variance }) => sum + variance, 0),
  );

describe('planning from the grid', () => {
  test('starts after its notice, and ends in time at the speed of the grid', async () => {
    const { plan, onClock } = await planning().plan(
      { eventId: 'e1', feeder: 'F1', targetW: TARGET_W, minutes: 15 },
      nobody,
    );
    expect(plan.shortW).toBe(0);
    expect(onClock.startMs).toBe(NOW + 1_000);
    expect(onClock.endMs).toBe(NOW + 1_000 + QUARTER_MS);
    expect(onClock.calls).toHaveLength(plan.calls.length);
  });

  test('replaces what is lost by others, within the time that is left', async () => {
    const { event } = await running();
    const nowMs = NOW + 10_000;
    const calls = await planning(nowMs).replace(event, 500, takenBy(event));
    expect(promiseOfAll(calls)).toBeGreaterThanOrEqual(500);
    const mine = new Set(callsOf(event).map(({ applianceId }) => applianceId));
    expect(calls.filter(({ applianceId }) => mine.has(applianceId))).toEqual([]);
    expect(calls.every(({ notBeforeMs, untilMs }) => notBeforeMs >= nowMs && untilMs <= (event.endMs ?? 0))).toBe(true);
  });

  test('replaces nobody when less is left than the shortest event, and never beyond the caps', async () => {
    const { event } = await running();
    const late = (event.endMs ?? 0) - Math.floor((policy.minEventMin * 60_000) / SPEED) + 1;
    expect(await planning(late).replace(event, 500, takenBy(event))).toEqual([]);
    const calls = await planning().replace(event, 100 * loadW, takenBy(event));
    expect(calls.reduce((sum, { expectedW }) => sum + expectedW, 0)).toBeLessThanOrEqual(0.2 * loadW);
    expect(calls.length).toBeGreaterThan(0);
  });

  test('lets go what a smaller target does not need, and promises it with the rest', async () => {
    const { book, event } = await running();
    const change = await planning().change(event, { targetW: TARGET_W / 2, minutes: 15 }, takenBy(event));
    expect(change.release.length).toBeGreaterThan(0);
    expect(change.add).toEqual([]);
    expect(change.promisedW).toBeGreaterThanOrEqual(TARGET_W / 2);
    book.accept(book.decide([{ kind: 'tell', event: 'e1', input: { kind: 'modify', by: 'ann', change } }], NOW));
    const left = wanted(book.event('e1'));
    expect(left).toHaveLength(wanted(event).length - change.release.length);
    expect(promiseOfAll(left)).toBeCloseTo(change.promisedW, 6);
  });

  test('calls others for a larger target, and for a longer event keeps every appliance within its longest time', async () => {
    const { book, event } = await running();
    const change = await planning().change(event, { targetW: 1.5 * TARGET_W, minutes: 25 }, takenBy(event));
    expect(change.release).toEqual([]);
    expect(change.promisedW).toBeGreaterThanOrEqual(1.5 * TARGET_W);
    book.accept(book.decide([{ kind: 'tell', event: 'e1', input: { kind: 'modify', by: 'ann', change } }], NOW));
    const after = book.event('e1');
    const added = wanted(after).length - wanted(event).length;
    expect(added).toBeGreaterThan(0);
    expect(after?.endMs).toBe((event.startMs ?? 0) + (25 * 60_000) / SPEED);
    for (const { notBeforeMs, untilMs, maxOffMs } of wanted(after)) {
      expect(untilMs + event.releaseJitterMs - notBeforeMs).toBeLessThanOrEqual(maxOffMs);
    }
  });

  test('refuses a target beyond the caps', async () => {
    const { event } = await running();
    await expect(planning().change(event, { targetW: loadW, minutes: 15 }, takenBy(event))).rejects.toThrow(
      RequestError,
    );
  });
});
