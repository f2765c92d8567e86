/**
 * From a feeder's appliances and a request to a plan. Pure: no clock, no input or output, and nothing random but the
 * hold-out, which the event's id seeds. The same input gives the same bytes.
 */
import { CODE, codeOf, CODES, type Exclusion, EXCLUSIONS, verdicts } from './eligibility.ts';
import type { Fleet } from './fleet.ts';
import { costsOf } from './gather.ts';
import type { Plan, PlannedCall, PlannedWave, Prediction } from './plan.ts';
import type { Policy } from './policy.ts';
import { promiseOf, Room } from './pool.ts';
import { capsOf, checkRequest, type EventCaps, type FeederState, type ShedRequest } from './request.ts';
import { scratchOf } from './scratch.ts';
import type { StateTable } from './state-table.ts';
import { chooseWave, type Chosen, type WaveContext } from './wave-choice.ts';
import { type Wave, wavesOf } from './waves.ts';

export interface PlanInput {
  readonly request: ShedRequest;
  readonly feeder: FeederState;
  /** All appliances of the feeder. */
  readonly fleet: Fleet;
  readonly table: StateTable;
  readonly policy: Policy;
}

/**
 * @throws RequestError when what is asked for is not allowed; one line says what is.
 */
export function plan(input: PlanInput): Plan {
  const { request, feeder, fleet, policy } = input;
  checkRequest(request, feeder, policy);
  const caps = capsOf(request, feeder, policy);
  const { codes, isPresent, kindOfRow } = verdicts(fleet, input.table.rows, policy, request.minutes);
  const { isWorth } = scratchOf(fleet);
  isWorth.fill(0);
  const costOf = costsOf(fleet, policy);
  const kinds = fleet.kinds.flatMap(({ shedding }, index) => (shedding && isPresent[index] ? [shedding] : []));

  const chosen: Chosen[] = [];
  const holdOut: Chosen[] = [];
  const waves: PlannedWave[] = [];
  let [isShort, room] = [false, roomOf(input, caps, [], 0)];
  for (const wave of wavesOf(request.minutes, kinds)) {
    room = roomOf(input, caps, chosen, wave.startMin);
    const standing = standingIn(input, chosen, wave);
    const context: WaveContext = { ...input, caps, codes, isWorth, kindOfRow, costOf, wave, room };
    const found = chooseWave(context, standing);
    for (const one of found.called) {
      codes[one.index] = CODE.called;
    }
    for (const one of found.holdOut) {
      codes[one.index] = CODE.heldOut;
    }
    chosen.push(...found.called);
    holdOut.push(...found.holdOut);
    const { expectedW, variance } = found;
    const promisedW = promiseOf(policy, expectedW, variance);
    isShort ||= promisedW < request.targetW;
    waves.push(rounded({ ...wave, expectedW, sdW: Math.sqrt(variance), promisedW }));
    for (const { at, pool } of found.called) {
      room.take(pool, at);
    }
  }

  const promisedW = Math.max(0, Math.min(...waves.map((wave) => wave.promisedW)));
  const last = (one: Chosen): boolean => one.call.endMin + (one.call.endMin - one.call.startMin) > request.minutes;
  return {
    version: 1,
    eventId: request.eventId,
    feeder: feeder.name,
    targetW: request.targetW,
    minutes: request.minutes,
    ...(request.confirmedBy !== undefined && { confirmedBy: request.confirmedBy }),
    startJitterMin: policy.startJitterMin,
    releaseJitterMin: policy.releaseJitterMin,
    calls: chosen.map((one) => callOf(fleet, one)),
    holdOut: holdOut.map((one) => predictionOf(fleet, one)),
    waves,
    expectedW: rounded(
      waves.reduce((sum, { startMin, endMin, expectedW }) => sum + expectedW * (endMin - startMin), 0) /
        request.minutes,
    ),
    promisedW,
    shortW: rounded(Math.max(0, request.targetW - promisedW)),
    rebound: {
      peakW: rounded(chosen.filter(last).reduce((sum, { reboundW }) => sum + reboundW, 0)),
      energyKwh: rounded(
        chosen.reduce((sum, { call, expectedW, rules }) => {
          return sum + (rules.paybackShare * expectedW * (call.endMin - call.startMin)) / 60 / 1_000;
        }, 0),
      ),
    },
    candidates: fleet.length,
    excluded: exclusions(codes, isWorth, isShort ? (index) => blockOf(fleet, room, index) : undefined),
  };
}

/** What the caps leave at an instant of the event. */
function roomOf({ fleet, policy }: PlanInput, caps: EventCaps, chosen: readonly Chosen[], atMin: number): Room {
  const { houses } = fleet;
  const houseCount = new Int16Array(houses.length);
  const houseW = new Float64Array(houses.length);
  for (let house = 0; house < houses.length; house += 1) {
    const heldW = houses.heldW[house] ?? 0;
    houseCount[house] = policy.maxPerHouse - (houses.heldCount[house] ?? 0);
    houseW[house] = policy.maxHouseShare * ((houses.powerW[house] ?? 0) + heldW) - heldW;
  }
  const room = new Room({ ...caps, houseCount, houseW });
  for (const one of chosen) {
    // Who is back on makes room again; what they draw on top does not.
    if (one.call.endMin > atMin) {
      room.take(one.pool, one.at);
    } else {
      room.reboundW -= one.reboundW;
    }
  }
  return room;
}

/** What calls of earlier waves bring in a wave, less what comes back of those that were released. */
function standingIn({ table, fleet }: PlanInput, chosen: readonly Chosen[], wave: Wave) {
  let [expectedW, variance] = [0, 0];
  for (const one of chosen) {
    const { startMin, endMin } = one.call;
    if (endMin > wave.startMin) {
      const power = table.estimate(
        fleet.row[one.index] ?? 0,
        fleet.cell[one.index] ?? 0,
        wave.startMin,
        Math.min(endMin, wave.endMin),
      );
      const share = one.predictedW > 0 ? one.expectedW / one.predictedW : 0;
      expectedW += share * power.mean;
      variance += share * share * power.variance + Math.max(0, one.variance - share * share * one.predictedVariance);
    } else if (endMin + (endMin - startMin) > wave.startMin) {
      expectedW -= one.reboundW;
    }
  }
  return { expectedW, variance };
}

function predictionOf(fleet: Fleet, one: Chosen): Prediction {
  return {
    applianceId: fleet.idOf(one.index),
    houseId: fleet.houseIdOf(fleet.house[one.index] ?? 0),
    name: fleet.kinds[fleet.kind[one.index] ?? 0]?.name ?? '',
    predictedW: rounded(one.predictedW),
    predictedVariance: rounded(one.predictedVariance),
  };
}

function callOf(fleet: Fleet, one: Chosen): PlannedCall {
  return {
    ...predictionOf(fleet, one),
    class: one.rules.class,
    startMin: one.call.startMin,
    delayMin: one.delayMin,
    untilMin: one.call.untilMin,
    expectedW: rounded(one.expectedW),
    variance: rounded(one.variance),
    switchedW: rounded(one.switchedW),
    reboundW: rounded(one.reboundW),
  };
}

function blockOf(fleet: Fleet, room: Room, index: number): Exclusion {
  const house = fleet.house[index] ?? 0;
  const switchedW = fleet.powerW[index] ?? 0;
  if (room.houseCount(house) < 1 || switchedW > room.houseW(house)) {
    return 'house_cap';
  }
  if (switchedW > room.eventW) {
    return 'feeder_cap';
  }
  const share = fleet.kinds[fleet.kind[index] ?? 0]?.shedding?.reboundShare ?? 0;
  return share * switchedW > room.reboundW ? 'rebound_cap' : 'not_needed';
}

/** @param blockOf why an eligible one is not called in a plan that is short. Default: others are cheaper. */
function exclusions(
  codes: Uint8Array,
  isWorth: Uint8Array,
  blockOf: ((index: number) => Exclusion) | undefined,
): Partial<Record<Exclusion, number>> {
  // By code, first those that were worth a call in no wave.
  const tally = new Uint32Array(2 * CODES);
  for (let index = 0; index < codes.length; index += 1) {
    const at = (codes[index] ?? 0) + CODES * (isWorth[index] ?? 0);
    tally[at] = (tally[at] ?? 0) + 1;
  }
  const counts = new Map<Exclusion, number>();
  const add = (exclusion: Exclusion, count: number): void => {
    if (count > 0) {
      counts.set(exclusion, (counts.get(exclusion) ?? 0) + count);
    }
  };
  for (const exclusion of EXCLUSIONS) {
    add(exclusion, (tally[codeOf(exclusion)] ?? 0) + (tally[codeOf(exclusion) + CODES] ?? 0));
  }
  add('too_little', tally[CODE.eligible] ?? 0);
  add('served', tally[CODE.servedBefore] ?? 0);
  if (!blockOf) {
    add('not_needed', (tally[CODE.eligible + CODES] ?? 0) + (tally[CODE.servedBefore + CODES] ?? 0));
  } else {
    for (const [index, code] of codes.entries()) {
      if (isWorth[index] === 1 && (code === CODE.eligible || code === CODE.servedBefore)) {
        add(blockOf(index), 1);
      }
    }
  }
  return Object.fromEntries(EXCLUSIONS.flatMap((one) => (counts.has(one) ? [[one, counts.get(one)]] : [])));
}

/** To thousandths: finer digits say nothing. */
function rounded(value: number): number;
function rounded(wave: PlannedWave): PlannedWave;
function rounded(value: number | PlannedWave): number | PlannedWave {
  const round = (number: number): number => Math.round(number * 1_000) / 1_000;
  if (typeof value === 'number') {
    return round(value);
  }
  const { startMin, endMin, expectedW, sdW, promisedW } = value;
  return { startMin, endMin, expectedW: round(expectedW), sdW: round(sdW), promisedW: round(promisedW) };
}
