/**
 * The candidates of one feeder as the planner reads them: a column per figure, so that a million of them cost 30 bytes
 * each and no objects. All times are grid time, in whole minutes, rounded to the safe side.
 */
import { appliances, type Shedding, shedding } from '../core/appliances/registry.ts';
import type { ShortTermState } from './appliance-tracker.ts';
import { cellOf } from './states.ts';

/** Bits of {@link Fleet.flags}. */
export const FLAG = {
  /** The house, or its user for this appliance or this event, has opted out. */
  optedOut: 1,
  /** A gateway was seen and reports neither an error nor that it has opted out. */
  commandable: 2,
  /** Another event has called it, or holds it out as its control group. */
  held: 4,
  isOn: 8,
} as const;

/** "Never" and "for ever" of whole minutes: 45 days. */
export const NEVER_MIN = 0xffff;

/** Houses of the feeder, by index. */
export interface Houses {
  readonly length: number;
  /** Present power of everything in it, W. */
  readonly powerW: Float32Array;
  /** Minutes off of its appliances within 7 days, summed. */
  readonly usedWeekMin: Uint16Array;
  /** How many of its appliances other events hold, and with how much power, W. */
  readonly heldCount: Uint8Array;
  readonly heldW: Float32Array;
}

/** Appliances of the feeder, in ascending order of their ids. */
export interface Fleet {
  readonly length: number;
  /** What may be done to appliances of a name, by {@link kind}; undefined for what must never be switched off. */
  readonly kinds: readonly Kind[];
  readonly kind: Uint16Array;
  readonly house: Uint32Array;
  readonly houses: Houses;
  /** Row of the state table. */
  readonly row: Uint32Array;
  /** Of the state table: states.ts. */
  readonly cell: Uint8Array;
  readonly flags: Uint8Array;
  /** Power of the newest reading, W. */
  readonly powerW: Float32Array;
  /** Since when it has been on or off, rounded down. */
  readonly inStateMin: Uint16Array;
  /** Age of the newest reading, rounded up. */
  readonly ageMin: Uint16Array;
  /** The share of the last window that readings cover, %. */
  readonly coverage: Uint8Array;
  /** Since the last call ended, rounded down; {@link NEVER_MIN} without one. */
  readonly sinceReleaseMin: Uint16Array;
  /** Minutes off within 24 h and 7 days, rounded up. */
  readonly usedDayMin: Uint16Array;
  readonly usedWeekMin: Uint16Array;
  /** An appliance's id and its house's, by index. */
  readonly idOf: (index: number) => string;
  readonly houseIdOf: (house: number) => string;
}

export interface Kind {
  /** The registry's name of the appliance. */
  readonly name: string;
  /** Whether the registry knows what it is. */
  readonly isRegistered: boolean;
  /** Undefined for what must never be switched off. */
  readonly shedding: Shedding | undefined;
}

/** One appliance, for fleets that fit into objects. */
export interface Candidate {
  readonly applianceId: string;
  readonly houseId: string;
  /** The registry's name; one that the registry does not know is never called. */
  readonly name: string;
  /** Undefined when nothing is known, which is stale. */
  readonly state: ShortTermState | undefined;
  /** Power of the newest reading, W. @default that of the state */
  readonly powerW?: number;
  /** Age of the newest reading, minutes. */
  readonly ageMin: number;
  /** The share of the last window that readings cover, 0 to 1. */
  readonly coverage: number;
  readonly isOptedOut: boolean;
  readonly isCommandable: boolean;
  readonly isHeld: boolean;
  /** What another event has switched off of it, W. @default nothing: it is not held, or held out */
  readonly calledW?: number;
  /** Minutes since its last call ended. @default never called */
  readonly sinceReleaseMin?: number;
  /** Minutes off within 24 h and 7 days. @default 0 */
  readonly usedDayMin?: number;
  readonly usedWeekMin?: number;
}

const REGISTERED = new Set(
  appliances()
    .filter(({ role }) => role !== 'unknown')
    .map(({ name }) => name),
);

/** What may be done to appliances of a name of the registry; a name that it does not know is not registered. */
export function kindOf(name: string): Kind {
  return { name, isRegistered: REGISTERED.has(name), shedding: shedding(name) };
}

export interface FleetOptions {
  /** Row of an appliance in the state table: StateTable.rowOf. Undefined makes it a stale candidate. */
  readonly rowOf: (applianceId: string, name: string) => number | undefined;
  /** Present power of everything in a house, W. @default the sum of its candidates' */
  readonly housePowerW?: (houseId: string) => number | undefined;
}

/**
 * Columns of some candidates, in whatever order they come.
 *
 * @throws RangeError when an appliance id stands twice: its power would count twice.
 */
export function fleetOf(candidates: readonly Candidate[], options: FleetOptions): Fleet {
  const sorted = [...candidates].sort((a, b) => compare(a.applianceId, b.applianceId));
  for (const [index, { applianceId }] of sorted.entries()) {
    if (applianceId === sorted[index + 1]?.applianceId) {
      throw new RangeError(`appliance ${applianceId} stands twice`);
    }
  }
  const houseIds = [...new Set(sorted.map(({ houseId }) => houseId))].sort(compare);
  const houseIndex = new Map(houseIds.map((id, index) => [id, index]));
  const names = [...new Set(sorted.map(({ name }) => name))].sort(compare);
  const kindIndex = new Map(names.map((name, index) => [name, index]));
  const fleet = emptyFleet(sorted.length, houseIds.length, {
    kinds: names.map(kindOf),
    idOf: (index) => sorted[index]?.applianceId ?? '',
    houseIdOf: (index) => houseIds[index] ?? '',
  });
  const { houses } = fleet;
  for (const [index, one] of sorted.entries()) {
    const house = houseIndex.get(one.houseId) ?? 0;
    const row = options.rowOf(one.applianceId, one.name);
    const powerW = one.powerW ?? one.state?.powerW ?? 0;
    fleet.kind[index] = kindIndex.get(one.name) ?? 0;
    fleet.house[index] = house;
    fleet.row[index] = row ?? 0;
    fleet.cell[index] = one.state ? cellOf(one.state.isOn, one.state.minutes) : 0;
    fleet.flags[index] =
      (one.isOptedOut ? FLAG.optedOut : 0) |
      (one.isCommandable ? FLAG.commandable : 0) |
      (one.isHeld ? FLAG.held : 0) |
      (one.state?.isOn ? FLAG.isOn : 0);
    fleet.powerW[index] = powerW;
    fleet.inStateMin[index] = minutes(one.state?.minutes ?? 0, Math.floor);
    fleet.ageMin[index] = one.state && row !== undefined ? minutes(one.ageMin, Math.ceil) : NEVER_MIN;
    fleet.coverage[index] = Math.min(100, Math.floor(100 * one.coverage));
    fleet.sinceReleaseMin[index] = minutes(one.sinceReleaseMin ?? NEVER_MIN, Math.floor);
    fleet.usedDayMin[index] = minutes(one.usedDayMin ?? 0, Math.ceil);
    fleet.usedWeekMin[index] = minutes(one.usedWeekMin ?? 0, Math.ceil);
    houses.powerW[house] = (houses.powerW[house] ?? 0) + powerW;
    houses.usedWeekMin[house] = minutes((houses.usedWeekMin[house] ?? 0) + (one.usedWeekMin ?? 0), Math.ceil);
    if (one.calledW !== undefined) {
      houses.heldCount[house] = (houses.heldCount[house] ?? 0) + 1;
      houses.heldW[house] = (houses.heldW[house] ?? 0) + one.calledW;
    }
  }
  for (const [house, id] of houseIds.entries()) {
    houses.powerW[house] = options.housePowerW?.(id) ?? houses.powerW[house] ?? 0;
  }
  return fleet;
}

/** Columns to fill. */
export function emptyFleet(
  length: number,
  houses: number,
  { kinds, idOf, houseIdOf }: Pick<Fleet, 'kinds' | 'idOf' | 'houseIdOf'>,
): Fleet {
  return {
    length,
    kinds,
    kind: new Uint16Array(length),
    house: new Uint32Array(length),
    houses: {
      length: houses,
      powerW: new Float32Array(houses),
      usedWeekMin: new Uint16Array(houses),
      heldCount: new Uint8Array(houses),
      heldW: new Float32Array(houses),
    },
    row: new Uint32Array(length),
    cell: new Uint8Array(length),
    flags: new Uint8Array(length),
    powerW: new Float32Array(length),
    inStateMin: new Uint16Array(length),
    ageMin: new Uint16Array(length),
    coverage: new Uint8Array(length),
    sinceReleaseMin: new Uint16Array(length).fill(NEVER_MIN),
    usedDayMin: new Uint16Array(length),
    usedWeekMin: new Uint16Array(length),
    idOf,
    houseIdOf,
  };
}

/** By UTF-16 code units: the same on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Whole minutes as the columns hold them. */
function minutes(value: number, round: (value: number) => number): number {
  return Math.max(0, Math.min(NEVER_MIN, round(value)));
}
