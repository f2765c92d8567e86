/** Who may be called at all, before anything is compared: hard rules, each with its name. */
import { FLAG, type Fleet, type Kind, NEVER_MIN } from './fleet.ts';
import type { Policy } from './policy.ts';
import { scratchOf } from './scratch.ts';

/** Why an appliance is not called; the first that applies counts. */
export const EXCLUSIONS = [
  /** The registry does not know what it is. */
  'unregistered',
  /** Essential, or no appliance. */
  'essential',
  'opted_out',
  /** No gateway was seen, or it reports an error. */
  'not_commandable',
  /** Another event has called it, or holds it out. */
  'held',
  /** Nothing is known of it, or its readings are old or too few. */
  'stale',
  /** Released too short a time ago. */
  'resting',
  /** Its minutes of the day or the week are used up. */
  'minutes_used_up',
  /** It runs and may not be interrupted. */
  'running',
  /** Too little to gain. */
  'too_little',
  /** It has served within the round, and peers have not. */
  'served',
  /** Two of its house are off, or too much of its power. */
  'house_cap',
  /** More than the event or a minute may switch. */
  'feeder_cap',
  /** What comes back would not fit under the feeder's limit. */
  'rebound_cap',
  /** Others are cheaper. */
  'not_needed',
] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** Codes of {@link verdicts} below and beyond those of exclusions, which are 1 + their index. */
export const CODE = {
  eligible: 0,
  /** Eligible once its peers have served: it has, within the round. */
  servedBefore: EXCLUSIONS.length + 1,
  called: EXCLUSIONS.length + 2,
  heldOut: EXCLUSIONS.length + 3,
} as const;

/** How many codes there are. */
export const CODES = EXCLUSIONS.length + 4;

export function codeOf(exclusion: Exclusion): number {
  return EXCLUSIONS.indexOf(exclusion) + 1;
}

/** Combinations of flags. */
const FLAGS = 16;

const ELIGIBLE = CODE.eligible;
const SERVED_BEFORE = CODE.servedBefore;
const UNREGISTERED = codeOf('unregistered');
const ESSENTIAL = codeOf('essential');
const OPTED_OUT = codeOf('opted_out');
const NOT_COMMANDABLE = codeOf('not_commandable');
const STALE = codeOf('stale');
const HELD = codeOf('held');
const RESTING = codeOf('resting');
const USED_UP = codeOf('minutes_used_up');
const RUNNING = codeOf('running');

export interface Verdicts {
  /** By appliance. */
  readonly codes: Uint8Array;
  /** By kind: whether any of it is eligible. */
  readonly isPresent: Uint8Array;
  /** By row of the state table: the kind whose appliances have it. */
  readonly kindOfRow: Int32Array;
}

/**
 * Who may be called, whatever the event asks for but its length.
 *
 * @param rows of the state table.
 * @param durationMin of the event: a call must fit into the minutes that are left.
 */
export function verdicts(fleet: Fleet, rows: number, policy: Policy, durationMin: number): Verdicts {
  const { length, kinds, kind, row, flags, ageMin, coverage, sinceReleaseMin, usedDayMin, usedWeekMin, inStateMin } =
    fleet;
  const { codes } = scratchOf(fleet);
  const isPresent = new Uint8Array(kinds.length);
  const kindOfRow = new Int32Array(rows).fill(-1);
  const byFlags = Uint8Array.from({ length: kinds.length * FLAGS }, (_, at) => {
    const known = kinds[Math.floor(at / FLAGS)];
    return known ? codeByFlags(known, at % FLAGS) : UNREGISTERED;
  });
  const minOnMin = Float64Array.from(kinds, ({ shedding }) => shedding?.minOnMin ?? 0);
  const callMin = Float64Array.from(kinds, ({ shedding }) => Math.min(shedding?.maxOffMin ?? 0, durationMin));
  // What is off for less may be a programme's pause; what may be interrupted has no such time.
  const pauseMin = Float64Array.from(kinds, ({ shedding }) => (shedding?.pausable ? 0 : policy.programmePauseMin));
  const minCoverage = 100 * policy.minCoverage;
  const { staleMin, maxMinPerDay, maxMinPerWeek, roundMin } = policy;

  for (let index = 0; index < length; index += 1) {
    const of = kind[index] ?? 0;
    const since = sinceReleaseMin[index] ?? NEVER_MIN;
    const minutes = callMin[of] ?? 0;
    kindOfRow[row[index] ?? 0] = of;
    let code = byFlags[of * FLAGS + (flags[index] ?? 0)] ?? UNREGISTERED;
    if (code === ELIGIBLE) {
      if ((ageMin[index] ?? 0) > staleMin || (coverage[index] ?? 0) < minCoverage) {
        code = STALE;
      } else if (since < (minOnMin[of] ?? 0)) {
        code = RESTING;
      } else if ((usedDayMin[index] ?? 0) + minutes > maxMinPerDay) {
        code = USED_UP;
      } else if ((usedWeekMin[index] ?? 0) + minutes > maxMinPerWeek) {
        code = USED_UP;
      } else if ((inStateMin[index] ?? 0) < (pauseMin[of] ?? 0)) {
        code = RUNNING;
      } else {
        isPresent[of] = 1;
        if (since < roundMin) {
          code = SERVED_BEFORE;
        }
      }
    }
    codes[index] = code;
  }
  return { codes, isPresent, kindOfRow };
}

/** What a kind and its flags alone decide: looked up once for a million appliances. */
function codeByFlags({ isRegistered, shedding }: Kind, flags: number): number {
  if (!isRegistered) {
    return UNREGISTERED;
  }
  if (!shedding) {
    return ESSENTIAL;
  }
  if (flags & FLAG.optedOut) {
    return OPTED_OUT;
  }
  if (!(flags & FLAG.commandable)) {
    return NOT_COMMANDABLE;
  }
  if (flags & FLAG.held) {
    return HELD;
  }
  return !shedding.pausable && flags & FLAG.isOn ? RUNNING : ELIGIBLE;
}
