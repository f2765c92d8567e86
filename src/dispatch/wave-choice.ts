/** Who is called in one wave of an event, and who is held out. */
import type { SheddableClass, Shedding } from '../core/appliances/registry.ts';
import { cover } from './cover.ts';
import { CODE } from './eligibility.ts';
import type { Fleet } from './fleet.ts';
import { bucketFor, gather, reliefOf, score, waveFigures } from './gather.ts';
import { drawHoldOut, holdOutSize } from './hold-out.ts';
import type { Policy } from './policy.ts';
import { type Cover, coverOf, emptyPool, type Goal, type Pool, promiseOf, type Room } from './pool.ts';
import { rampOf } from './ramp.ts';
import type { EventCaps, ShedRequest } from './request.ts';
import type { StateTable } from './state-table.ts';
import { type Call, callOf as callIn, useOf, type Wave } from './waves.ts';

export interface WaveContext {
  readonly request: ShedRequest;
  readonly fleet: Fleet;
  readonly table: StateTable;
  readonly policy: Policy;
  readonly caps: EventCaps;
  /** By appliance: eligibility.ts. */
  readonly codes: Uint8Array;
  /** Set to 1 for those that could be called in some wave. */
  readonly isWorth: Uint8Array;
  readonly kindOfRow: Int32Array;
  readonly costOf: (index: number) => number;
  readonly wave: Wave;
  /** What the caps leave; left as it was. */
  readonly room: Room;
}

/** One that is called or held out. */
export interface Chosen {
  readonly index: number;
  readonly pool: Pool;
  readonly at: number;
  readonly call: Call;
  readonly rules: Shedding;
  readonly delayMin: number;
  readonly predictedW: number;
  readonly predictedVariance: number;
  readonly expectedW: number;
  readonly variance: number;
  readonly switchedW: number;
  readonly reboundW: number;
}

export interface WaveChoice {
  readonly called: readonly Chosen[];
  readonly holdOut: readonly Chosen[];
  /** Of all that is off in the wave, W and W². */
  readonly expectedW: number;
  readonly variance: number;
}

interface Standing {
  readonly expectedW: number;
  readonly variance: number;
}

/** Positions of a pool that are called, and those that are held out. */
interface Picked {
  readonly pool: Pool;
  readonly chosen: readonly number[];
  readonly holdOut: readonly number[];
  readonly isEnough: boolean;
}

/** At least so many, and so many times the target, are compared; all of them if those are not enough. */
const GATHER_APPLIANCES = 1_000;
const GATHER_TARGETS = 2;

/** The ramp delays starts, which costs relief, which calls more: so often. */
const RAMP_ROUNDS = 4;

/** @param standing what calls of earlier waves bring in this one. */
export function chooseWave(context: WaveContext, standing: Standing): WaveChoice {
  const { request, policy } = context;
  let [targetW, delayMin] = [request.targetW, 0];
  for (let round = 1; ; round += 1) {
    const picked = pick(context, { ...standing, targetW, z: policy.z, commonMargin: policy.commonMargin }, delayMin);
    const choice = withRamp(context, standing, picked);
    const promisedW = promiseOf(policy, choice.expectedW, choice.variance);
    if (promisedW >= request.targetW || !picked.isEnough || round === RAMP_ROUNDS) {
      return choice;
    }
    const total = choice.called.reduce((sum, { expectedW }) => sum + expectedW, 0);
    const delay = choice.called.reduce((sum, one) => sum + one.delayMin * one.expectedW, 0) / total;
    // What the mean delay does not explain is asked for on top.
    if (round > 1) {
      targetW += 1.1 * (request.targetW - promisedW);
    }
    delayMin = Math.max(delayMin, delay);
  }
}

function pick(context: WaveContext, goal: Goal, delayMin: number): Picked {
  const { fleet, table, kindOfRow, wave, request, policy, codes, costOf, room, isWorth } = context;
  const figures = waveFigures(fleet, table, kindOfRow, wave, request.minutes, policy, delayMin);
  const fresh = score(fleet, codes, CODE.eligible, figures, policy, isWorth);
  const watts = (GATHER_TARGETS * goal.targetW) / (1 - policy.commonMargin);
  let { pool, isAll } = gather(fleet, fresh, bucketFor(fresh, GATHER_APPLIANCES, watts), figures, costOf);
  let picked = withHoldOut(context, pool, goal);
  if (!picked.isEnough && !isAll) {
    ({ pool, isAll } = gather(fleet, fresh, Infinity, figures, costOf));
    picked = withHoldOut(context, pool, goal);
  }
  if (picked.isEnough) {
    return picked;
  }

  // Those who have served within the round come next, where all their peers are called or can't be.
  for (const at of picked.chosen) {
    room.take(pool, at);
  }
  const open = exhaustedClasses(context, picked);
  const again = score(fleet, codes, CODE.servedBefore, figures, policy, isWorth, open);
  const second = gather(fleet, again, Infinity, figures, costOf).pool;
  const first = coverOf(pool, goal, picked.chosen);
  const found = cover(second, { ...goal, expectedW: first.expectedW, variance: first.variance }, room);
  for (const at of picked.chosen) {
    room.giveBack(pool, at);
  }
  return joined(pool, picked.chosen, second, found);
}

/** Classes of whom everyone that has not served is called or fits under no cap. `room` has taken the chosen. */
function exhaustedClasses({ fleet, room }: WaveContext, { pool, chosen }: Picked): Set<SheddableClass> {
  const open = new Set<SheddableClass>(['deferrable', 'thermostatic', 'discretionary']);
  const taken = new Set(chosen);
  for (let at = 0; at < pool.length && open.size > 0; at += 1) {
    const class_ = fleet.kinds[fleet.kind[pool.index[at] ?? 0] ?? 0]?.shedding?.class;
    if (class_ && open.has(class_) && !taken.has(at) && room.block(pool, at) === undefined) {
      open.delete(class_);
    }
  }
  return open;
}

function joined(a: Pool, chosen: readonly number[], b: Pool, found: Cover): Picked {
  const pool = merged([subset(a, chosen), subset(b, found.chosen)]);
  return { pool, chosen: Array.from(pool.index, (_, at) => at), holdOut: [], isEnough: found.isEnough };
}

/**
 * Chooses twice: first to see who would be called; of those, and of as many that would be next, a random part is held
 * out, and the target is reached without them. A pool that is too small for that holds out fewer.
 */
function withHoldOut({ policy, room, request, fleet }: WaveContext, pool: Pool, goal: Goal): Picked {
  const all = cover(pool, goal, room);
  if (!all.isEnough) {
    return { pool, chosen: all.chosen, holdOut: [], isEnough: false };
  }
  let size = holdOutSize(all.chosen.length, policy.holdOut);
  if (size === 0) {
    return { pool, chosen: all.chosen, holdOut: [], isEnough: true };
  }
  const comparable = [...all.chosen, ...nextBest(pool, all.chosen, room, size)];
  for (; size > 0; size = Math.floor(size / 2)) {
    const held = drawHoldOut(request.eventId, comparable, size, (at) => fleet.idOf(pool.index[at] ?? 0));
    const isHeld = new Set(held);
    const rest = Array.from(pool.index, (_, at) => at).filter((at) => !isHeld.has(at));
    const without = subset(pool, rest);
    const found = cover(without, goal, room);
    if (!found.isEnough) {
      continue;
    }
    return { pool, chosen: found.chosen.map((at) => rest[at] ?? 0), holdOut: held, isEnough: true };
  }
  return { pool, chosen: all.chosen, holdOut: [], isEnough: true };
}

/** The cheapest per watt that are not chosen and would fit. */
function nextBest(pool: Pool, chosen: readonly number[], room: Room, size: number): number[] {
  const taken = new Set(chosen);
  for (const at of chosen) {
    room.take(pool, at);
  }
  const next = Array.from(pool.index, (_, at) => at)
    .filter((at) => !taken.has(at) && room.block(pool, at) === undefined)
    .map((at) => ({ at, score: (pool.cost[at] ?? 0) / (pool.expected[at] ?? 0) }))
    .sort((a, b) => a.score - b.score || a.at - b.at)
    .slice(0, size)
    .map(({ at }) => at);
  for (const at of chosen) {
    room.giveBack(pool, at);
  }
  return next;
}

/** The chosen with their exact starts. */
function withRamp(context: WaveContext, standing: Standing, { pool, chosen, holdOut }: Picked): WaveChoice {
  const delays = rampOf(
    chosen.map((at) => pool.switched[at] ?? 0),
    context.caps.minuteW,
  );
  const called = chosen.map((at, order) => chosenOf(context, pool, at, delays[order] ?? 0));
  return {
    called,
    holdOut: holdOut.map((at) => chosenOf(context, pool, at, 0)),
    expectedW: called.reduce((sum, { expectedW }) => sum + expectedW, standing.expectedW),
    variance: called.reduce((sum, { variance }) => sum + variance, standing.variance),
  };
}

function chosenOf(context: WaveContext, pool: Pool, at: number, delayMin: number): Chosen {
  const { fleet, table, policy, wave, request } = context;
  const index = pool.index[at] ?? 0;
  const rules = fleet.kinds[fleet.kind[index] ?? 0]?.shedding;
  const call = rules && callIn(rules, wave, request.minutes, policy);
  if (!rules || !call) {
    throw new Error(`${fleet.idOf(index)} was chosen and can't be called`);
  }
  const power = table.estimate(fleet.row[index] ?? 0, fleet.cell[index] ?? 0, call.startMin, call.endMin);
  const relief = reliefOf(power, useOf(call, rules, policy, delayMin), policy.responseRate[rules.class]);
  return {
    index,
    pool,
    at,
    call,
    rules,
    delayMin,
    predictedW: power.mean,
    predictedVariance: power.variance,
    expectedW: relief.mean,
    variance: relief.variance,
    switchedW: pool.switched[at] ?? 0,
    reboundW: rules.reboundShare * relief.mean,
  };
}

function subset(pool: Pool, positions: readonly number[]): Pool {
  const part = emptyPool(positions.length);
  for (const [to, at] of positions.entries()) {
    copy(pool, at, part, to);
  }
  return part;
}

function merged(pools: readonly Pool[]): Pool {
  const all = emptyPool(pools.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const pool of pools) {
    for (let at = 0; at < pool.length; at += 1, to += 1) {
      copy(pool, at, all, to);
    }
  }
  return all;
}

function copy(from: Pool, at: number, into: Pool, to: number): void {
  into.index[to] = from.index[at] ?? 0;
  into.house[to] = from.house[at] ?? 0;
  into.expected[to] = from.expected[at] ?? 0;
  into.variance[to] = from.variance[at] ?? 0;
  into.cost[to] = from.cost[at] ?? 0;
  into.switched[to] = from.switched[at] ?? 0;
  into.rebound[to] = from.rebound[at] ?? 0;
}
