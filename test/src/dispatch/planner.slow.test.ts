import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { columnsOf, learn, LivingFleet } from '../../../bench/dispatch/fleets.ts';
import { situations, violationsOf } from '../../../bench/dispatch/shed-safety.ts';
import { canonicalJson } from '../../../src/core/canonical.ts';
import { kindOf } from '../../../src/dispatch/fleet.ts';
import { Ledger } from '../../../src/dispatch/ledger.ts';
import { type Plan, planHash, planText } from '../../../src/dispatch/plan.ts';
import { plan } from '../../../src/dispatch/planner.ts';
import { policyOf } from '../../../src/dispatch/policy.ts';
import { StateTable } from '../../../src/dispatch/state-table.ts';

const table = new StateTable(learn(1, 100, 900));
const living = new LivingFleet(2, 1_200);
const fleet = columnsOf(living, (name) => table.rowOf('', name));
const loadW = fleet.houses.powerW.reduce((sum, watts) => sum + watts, 0);
const policy = policyOf();

interface Asked {
  readonly share?: number;
  readonly minutes?: number;
  readonly limitW?: number;
  readonly eventId?: string;
  readonly confirmedBy?: string;
}

function planFor({ share = 0.05, minutes = 15, limitW = 1.5 * loadW, eventId = 'e1', confirmedBy }: Asked): Plan {
  return plan({
    request: {
      eventId,
      feeder: 'F1',
      targetW: share * loadW,
      minutes,
      ...(confirmedBy !== undefined && { confirmedBy }),
    },
    feeder: { name: 'F1', loadW, limitW },
    fleet,
    table,
    policy,
  });
}

describe('any sequence of events', () => {
  // bench/dispatch/safety.main.ts runs 10,000.
  test('keeps every rule, promises what its calls add up to, and gives the same bytes for the same input', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        expect(violationsOf(situation)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);
});

describe('a plan', () => {
  test('promises the target with what it calls, and holds ten out at random', () => {
    const made = planFor({});
    expect(made.shortW).toBe(0);
    expect(made.promisedW).toBeGreaterThanOrEqual(made.targetW);
    expect(made.calls.length).toBeGreaterThan(10);
    expect(made.holdOut).toHaveLength(10);
    const other = planFor({ eventId: 'e2' });
    expect(other.holdOut).not.toEqual(made.holdOut);
  });

  test('is the same text and has the same hash for the same input', () => {
    expect(planText(planFor({}))).toBe(planText(planFor({})));
    expect(planHash(planFor({}))).toBe(planHash(planFor({})));
    expect(planHash(planFor({ eventId: 'e2' }))).not.toBe(planHash(planFor({})));
  });

  test('says by how much it is short, and why others are not called', () => {
    const made = planFor({ share: 0.199 });
    expect(made.shortW).toBeCloseTo(made.targetW - made.promisedW, 2);
    expect(made.shortW).toBeGreaterThan(0);
    expect((made.excluded.house_cap ?? 0) + (made.excluded.feeder_cap ?? 0)).toBeGreaterThan(0);
  });

  test('calls nothing that comes back when the feeder is at its limit', () => {
    const made = planFor({ share: 0.02, limitW: loadW });
    expect(new Set(made.calls.map((call) => call.class))).toEqual(new Set(['discretionary']));
    expect(made.rebound).toEqual({ peakW: 0, energyKwh: 0 });
  });

  test('starts over several minutes when more is called than one may switch', () => {
    const made = planFor({ share: 0.1 });
    expect(Math.max(...made.calls.map(({ delayMin }) => delayMin))).toBeGreaterThan(0);
    expect(made.promisedW).toBeGreaterThanOrEqual(made.targetW);
  });

  test('of an hour calls thermostatic appliances once, last, for no longer than they may be off', () => {
    const made = planFor({ share: 0.03, minutes: 60 });
    const thermostatic = made.calls.filter((call) => call.class === 'thermostatic');
    expect(thermostatic.length).toBeGreaterThan(0);
    for (const { name, startMin, untilMin } of thermostatic) {
      expect([name, startMin]).toEqual([name, 60 - (kindOf(name).shedding?.maxOffMin ?? NaN)]);
      expect(untilMin).toBeLessThan(60);
    }
    expect(new Set(made.calls.map(({ applianceId }) => applianceId)).size).toBe(made.calls.length);
    expect(made.waves.map(({ startMin }) => startMin)).toEqual([0, 30, 45]);
  });

  test.each([
    [{ share: 0 }, /^kw must be above 0, not 0$/],
    [{ share: 0.3 }, /^kw must be at most .* \(20 % of the load\).* a second confirmation allows 40 % of the load$/],
    [{ share: 0.5, confirmedBy: 'B' }, /^kw must be at most .* \(40 % of the load\), not [\d.]+$/],
    [{ minutes: 241 }, /^for must be 3m to 240m, not 241m$/],
    [{ minutes: Number.NaN }, /^for must be 3m to 240m/],
  ])('that may not be is refused in one line: %j', (asked, message) => {
    expect(() => planFor(asked)).toThrow(message);
  });

  test('goes above the caps with a second confirmation only', () => {
    expect(planFor({ share: 0.22, confirmedBy: 'B' }).confirmedBy).toBe('B');
    expect(() => planFor({ share: 0.22 })).toThrow('kw must be at most');
  });

  test('is kept in most events, though only as often as nine in ten or a little more', () => {
    // bench/dispatch/promise.main.ts has the complete figure, with weather, jitter and refusals.
    const other = new LivingFleet(3, 800);
    let [kept, delivered, expected] = [0, 0, 0];
    const EVENTS = 15;
    for (let event = 0; event < EVENTS; event += 1) {
      for (let minute = 0; minute < 30; minute += 1) {
        other.live();
      }
      const columns = columnsOf(other, (name) => table.rowOf('', name));
      const load = columns.houses.powerW.reduce((sum, watts) => sum + watts, 0);
      const made = plan({
        request: { eventId: `e${event}`, feeder: 'F1', targetW: 0.04 * load, minutes: 15 },
        feeder: { name: 'F1', loadW: load, limitW: 2 * load },
        fleet: columns,
        table,
        policy,
      });
      const called = new Set(made.calls.map(({ applianceId }) => applianceId));
      let drawn = 0;
      for (let minute = 0; minute < 15; minute += 1) {
        other.live();
        for (const [index, one] of other.appliances.entries()) {
          if (called.has(columns.idOf(index))) {
            drawn += other.powerW(one) / 15;
          }
        }
      }
      const predicted = made.calls.reduce((sum, { predictedW }) => sum + predictedW, 0);
      delivered += drawn;
      expected += predicted;
      if (drawn >= made.promisedW) {
        kept += 1;
      }
    }
    expect(kept / EVENTS).toBeGreaterThan(0.8);
    expect(delivered / expected).toBeGreaterThan(0.9);
    expect(delivered / expected).toBeLessThan(1.15);
  });
});

describe('the ledger', () => {
  test('knows rest, minutes of the day and the week, and how evenly they are spread', () => {
    const ledger = new Ledger();
    const call = (applianceId: string, startMin: number, endMin: number): void =>
      ledger.record({ applianceId, houseId: '1_0_1', startMin, endMin });
    call('a', 0, 15);
    call('a', 2_000, 2_015);
    call('b', 2_000, 2_030);
    expect(ledger.of('a', 2_020)).toEqual({ sinceReleaseMin: 5, usedDayMin: 15, usedWeekMin: 30 });
    expect(ledger.of('b', 2_020)).toEqual({ sinceReleaseMin: 0, usedDayMin: 20, usedWeekMin: 20 });
    expect(ledger.of('c', 2_020)).toEqual({ sinceReleaseMin: undefined, usedDayMin: 0, usedWeekMin: 0 });
    expect(ledger.fairness()).toEqual({ called: 2, medianMin: 30, maxMin: 30, gini: 0 });
    expect(Ledger.from(JSON.parse(JSON.stringify(ledger))).of('a', 2_020)).toEqual(ledger.of('a', 2_020));
    ledger.forget(2_030 + 7 * 24 * 60 - 1);
    expect(ledger.toJSON().map(({ applianceId }) => applianceId)).toEqual(['b']);
    expect(() => call('a', 10, 9)).toThrow('before its start');
  });
});

describe('canonical JSON', () => {
  test('does not depend on the order in which fields were set, and refuses what JSON can not say', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, A: true })).toBe(
      '{"A":true,"b":[1,{"c":"x","d":null}]}',
    );
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('NaN');
    expect(() => canonicalJson([() => 1])).toThrow('JSON has no text');
  });
});
