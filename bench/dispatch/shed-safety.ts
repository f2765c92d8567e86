/** What must hold of every plan, checked without the planner's own code, and made-up situations to check it in. */
import fc from 'fast-check';

import { appliances, shedding } from '../../src/core/appliances/registry.ts';
import { type Candidate, fleetOf } from '../../src/dispatch/fleet.ts';
import { Ledger } from '../../src/dispatch/ledger.ts';
import { type Plan, type PlannedCall, planText } from '../../src/dispatch/plan.ts';
import { plan } from '../../src/dispatch/planner.ts';
import { policyOf } from '../../src/dispatch/policy.ts';
import { type FeederState, RequestError, type ShedRequest } from '../../src/dispatch/request.ts';
import { StateSums } from '../../src/dispatch/state-sums.ts';
import { StateTable } from '../../src/dispatch/state-table.ts';
import { CELLS } from '../../src/dispatch/states.ts';

const NAMES = [
  ...['refrigerator', 'air conditioning', 'water heater', 'dishwasher', 'washing machine', 'television', 'kettle'],
  ...['oven', 'network router', 'mains', 'hot tub'],
];
const ON_W: Record<string, number> = { refrigerator: 120, television: 140, 'network router': 10 };

const table = new StateTable(
  NAMES.reduce((sums, name) => {
    for (let horizon = 0; horizon < 4; horizon += 1) {
      for (let cell = 0; cell < CELLS; cell += 1) {
        const onW = (ON_W[name] ?? 1_000) * (cell < CELLS / 2 ? 0.05 : 0.8);
        for (const factor of [0.5, 1, 1.5]) {
          for (let n = 0; n < 50; n += 1) {
            sums.add(name, horizon, cell, factor * onW);
          }
        }
      }
    }
    return sums;
  }, new StateSums()),
);
const policy = policyOf();
const EPSILON = 0.01;
const HOUSES = 4;

export interface Situation {
  readonly candidates: readonly Candidate[];
  readonly events: readonly { readonly afterMin: number; readonly minutes: number; readonly share: number }[];
  readonly otherW: number;
  readonly limitShare: number;
  readonly isConfirmed: boolean;
}

const usually = fc.integer({ min: 0, max: 9 }).map((value) => value > 0);
const candidate = (index: number): fc.Arbitrary<Candidate> =>
  fc
    .record({
      house: fc.nat(HOUSES - 1),
      name: fc.constantFrom(...NAMES),
      isOn: fc.boolean(),
      minutes: fc.nat(200),
      isFresh: usually,
      isCovered: usually,
      isKnown: usually,
      isIn: usually,
      isCommandable: usually,
      isFree: usually,
      factor: fc.double({ min: 0.5, max: 1.5, noNaN: true }),
    })
    .map(({ house, name, isOn, minutes, isFresh, isCovered, isKnown, isIn, isCommandable, isFree, factor }) => ({
      applianceId: `1_0_${house}_${index}`,
      houseId: `1_0_${house}`,
      name,
      state: isKnown ? { isOn, minutes, powerW: (isOn ? (ON_W[name] ?? 1_000) : 1) * factor } : undefined,
      ageMin: isFresh ? 1 : 21,
      coverage: isCovered ? 0.9 : 0.3,
      isOptedOut: !isIn,
      isCommandable,
      isHeld: !isFree,
    }));

/** A few houses and a few events in a row. */
export const situations: fc.Arbitrary<Situation> = fc.record({
  candidates: fc
    .integer({ min: 1, max: 22 })
    .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => candidate(index)))),
  events: fc.array(
    fc.record({
      afterMin: fc.constantFrom(0, 5, 25, 300, 1_500),
      minutes: fc.constantFrom(3, 14.5, 15, 16, 30, 45, 60, 120, 240),
      share: fc.double({ min: 0.001, max: 0.4, noNaN: true }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  otherW: fc.constantFrom(0, 500, 5_000, 50_000),
  limitShare: fc.constantFrom(0.9, 1.05, 2),
  isConfirmed: fc.boolean(),
});

/** Plans a situation's events one after the other and says what is wrong with the plans; nothing when all is well. */
export function violationsOf(situation: Situation): string[] {
  const ledger = new Ledger();
  let nowMin = 10_000;
  return situation.events.flatMap(({ afterMin, minutes, share }, index) => {
    nowMin += afterMin;
    const candidates = situation.candidates.map((one) => ({ ...one, ...pastOf(ledger, one, nowMin) }));
    const loadW = situation.otherW + candidates.reduce((sum, one) => sum + (one.state?.powerW ?? 0), 0);
    const feeder: FeederState = { name: 'F1', loadW, limitW: situation.limitShare * loadW };
    const request: ShedRequest = {
      eventId: `event ${index}`,
      feeder: 'F1',
      targetW: share * sum(candidates, (one) => one.state?.powerW ?? 0),
      minutes,
      ...(situation.isConfirmed && { confirmedBy: 'somebody else' }),
    };
    const made = planOf(candidates, feeder, request, situation.otherW);
    if (made === undefined) {
      return [];
    }
    const found = [
      ...wrongWith(made, candidates, feeder, request, situation.otherW),
      ...wrongOverTime(made, ledger, nowMin),
    ];
    const again = planOf([...candidates].reverse(), feeder, request, situation.otherW);
    if (!again || planText(again) !== planText(made)) {
      found.push('the same input gave other bytes');
    }
    for (const { applianceId, houseId, startMin, untilMin } of made.calls) {
      const endMin = nowMin + untilMin + policy.releaseJitterMin;
      ledger.record({ applianceId, houseId, startMin: nowMin + startMin, endMin });
    }
    nowMin += minutes + policy.releaseJitterMin;
    return found;
  });
}

function pastOf(ledger: Ledger, { applianceId }: Candidate, nowMin: number): Partial<Candidate> {
  const { sinceReleaseMin, usedDayMin, usedWeekMin } = ledger.of(applianceId, nowMin);
  return { usedDayMin, usedWeekMin, ...(sinceReleaseMin !== undefined && { sinceReleaseMin }) };
}

/** Undefined when the request is refused, which it must be above the cap and only there. */
export function planOf(
  candidates: readonly Candidate[],
  feeder: FeederState,
  request: ShedRequest,
  otherW: number,
): Plan | undefined {
  const fleet = fleetOf(candidates, {
    rowOf: (id, name) => table.rowOf(id, name),
    housePowerW: (houseId) => houseW(candidates, houseId, otherW),
  });
  try {
    return plan({ request, feeder, fleet, table, policy });
  } catch (error) {
    if (error instanceof RequestError) {
      return undefined;
    }
    throw error;
  }
}

/** Its appliances, and its part of what is no candidate. */
function houseW(candidates: readonly Candidate[], houseId: string, otherW: number): number {
  return otherW / HOUSES + sum(candidates, (one) => (one.houseId === houseId ? (one.state?.powerW ?? 0) : 0));
}

function isEligible(one: Candidate, minutes: number): boolean {
  const rules = shedding(one.name);
  const call = Math.min(rules?.maxOffMin ?? 0, minutes);
  return (
    appliances().some(({ name }) => name === one.name) &&
    rules !== undefined &&
    !one.isOptedOut &&
    one.isCommandable &&
    one.state !== undefined &&
    one.ageMin <= 20 &&
    one.coverage >= 0.5 &&
    !one.isHeld &&
    (one.sinceReleaseMin ?? Infinity) >= rules.minOnMin &&
    Math.ceil(one.usedDayMin ?? 0) + call <= 60 &&
    Math.ceil(one.usedWeekMin ?? 0) + call <= 240 &&
    (rules.pausable || (!one.state.isOn && one.state.minutes >= 15))
  );
}

const sum = <Item>(items: readonly Item[], valueOf: (item: Item) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0);

function wrongWith(
  made: Plan,
  candidates: readonly Candidate[],
  feeder: FeederState,
  request: ShedRequest,
  otherW: number,
): string[] {
  const wrong: string[] = [];
  const check = (holds: boolean, what: string): void => {
    if (!holds) {
      wrong.push(what);
    }
  };
  const byId = new Map(candidates.map((one) => [one.applianceId, one]));
  const ids = [...made.calls, ...made.holdOut].map(({ applianceId }) => applianceId);
  check(new Set(ids).size === ids.length, 'one is called twice, or called and held out');
  for (const id of ids) {
    const one = byId.get(id);
    check(one !== undefined && isEligible(one, request.minutes), `${id} (${one?.name ?? '?'}) is not eligible`);
  }
  const [perEvent, perMinute] = request.confirmedBy === undefined ? [0.2, 0.1] : [0.4, 0.2];
  for (const wave of made.waves) {
    const off = made.calls.filter(
      ({ startMin, untilMin }) => startMin < wave.endMin && untilMin + policy.releaseJitterMin > wave.startMin + 0.5,
    );
    const beginning = off.filter(({ startMin }) => startMin === wave.startMin);
    const during = off.filter(({ startMin, untilMin }) => startMin <= wave.startMin && untilMin > wave.startMin);
    check(sum(during, ({ switchedW }) => switchedW) <= perEvent * feeder.loadW + EPSILON, 'more than the event cap');
    for (const minute of new Set(beginning.map(({ delayMin }) => delayMin))) {
      const started = beginning.filter(({ delayMin }) => delayMin === minute);
      check(sum(started, ({ switchedW }) => switchedW) <= perMinute * feeder.loadW + EPSILON, 'more than the ramp');
    }
    for (const house of new Set(during.map(({ houseId }) => houseId))) {
      const here = during.filter(({ houseId }) => houseId === house);
      const powerW = houseW(candidates, house, otherW);
      check(here.length <= 2, `${here.length} of house ${house}`);
      check(sum(here, ({ switchedW }) => switchedW) <= powerW / 2 + EPSILON, `more than half of house ${house}`);
    }
  }
  for (const call of made.calls) {
    const maxOffMin = shedding(call.name)?.maxOffMin ?? 0;
    check(call.untilMin - call.startMin + policy.releaseJitterMin <= maxOffMin + 1e-9, `${call.name} is off too long`);
    check(call.untilMin <= request.minutes && call.startMin >= 0, 'a call leaves the event');
    check(call.predictedW >= 5 * 0.99, 'too little to gain');
    check(call.switchedW >= (byId.get(call.applianceId)?.state?.powerW ?? 0) - EPSILON, 'less is capped than switched');
  }
  const roomW = Math.max(0, feeder.limitW - feeder.loadW);
  check(sum(made.calls, ({ reboundW }) => reboundW) <= roomW * 1.001 + EPSILON, 'the rebound does not fit');
  const counted = sum(Object.values(made.excluded), (count) => count);
  check(made.calls.length + made.holdOut.length + counted === candidates.length, 'not everyone is accounted for');
  check(Math.abs(made.shortW - Math.max(0, made.targetW - made.promisedW)) < EPSILON, 'short by another amount');
  const [only] = made.waves;
  if (made.waves.length === 1 && only) {
    const promised =
      0.95 * sum(made.calls, ({ expectedW }) => expectedW) -
      1.2816 * Math.sqrt(sum(made.calls, ({ variance }) => variance));
    check(Math.abs(promised - only.promisedW) < 0.1, `promises ${only.promisedW}, not ${promised}`);
    wrong.push(...wrongRounds(made, candidates, feeder, request, otherW, perEvent, perMinute, roomW));
  }
  return wrong;
}

const hasServed = (one: Candidate | undefined): boolean => (one?.sinceReleaseMin ?? Infinity) < 24 * 60;

/** Nobody again within 24 h while a peer that has not served could still be called. */
function wrongRounds(
  made: Plan,
  candidates: readonly Candidate[],
  feeder: FeederState,
  request: ShedRequest,
  otherW: number,
  perEvent: number,
  perMinute: number,
  roomW: number,
): string[] {
  const byId = new Map(candidates.map((one) => [one.applianceId, one]));
  const again = new Set(made.calls.filter((call) => hasServed(byId.get(call.applianceId))).map((call) => call.class));
  const taken = new Set([...made.calls, ...made.holdOut].map(({ applianceId }) => applianceId));
  const calls: readonly PlannedCall[] = made.calls;
  return candidates.flatMap((one) => {
    const rules = shedding(one.name);
    if (!rules || !again.has(rules.class) || taken.has(one.applianceId) || hasServed(one)) {
      return [];
    }
    if (!isEligible(one, request.minutes)) {
      return [];
    }
    const meanW = (ON_W[one.name] ?? 1_000) * (one.state?.isOn ? 0.8 : 0.05);
    // Near the limits of caps and of what is worth a call, the exact figures are the planner's.
    if (meanW < 10) {
      return [];
    }
    const switchedW = 1.05 * Math.max(meanW, one.state?.powerW ?? 0);
    const here = calls.filter(({ houseId }) => houseId === one.houseId);
    const fits =
      here.length < 2 &&
      sum(here, (call) => call.switchedW) + switchedW <= houseW(candidates, one.houseId, otherW) / 2 &&
      sum(calls, (call) => call.switchedW) + switchedW <= perEvent * feeder.loadW &&
      switchedW <= perMinute * feeder.loadW &&
      sum(calls, (call) => call.reboundW) + rules.reboundShare * meanW <= roomW;
    return fits ? [`${one.applianceId} (${one.name}) has not served, a peer does again`] : [];
  });
}

function wrongOverTime(made: Plan, ledger: Ledger, nowMin: number): string[] {
  return made.calls.flatMap(({ applianceId, name, startMin }) => {
    const { sinceReleaseMin } = ledger.of(applianceId, nowMin);
    const rested = (sinceReleaseMin ?? Infinity) + startMin >= (shedding(name)?.minOnMin ?? Infinity);
    return rested ? [] : [`${applianceId} is called ${sinceReleaseMin ?? 0} min after its release`];
  });
}
