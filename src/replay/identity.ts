/** Who a replayed reading belongs to, and how much power its house draws: pure functions of what is replayed. */
import { createHash } from 'node:crypto';

import { DATA_SETS, type DataSetName } from '../core/data-sets.ts';

/** The range of the factors by which playbacks of one house differ, as in the seed's replay. */
export const POWER_FACTOR_RANGE = { min: 0.8, max: 1.2 } as const;

/** `{1=REDD,2=GREEND}_{playback}_{house}` */
export function houseId(dataSet: DataSetName, playback: number, house: string): string {
  return `${DATA_SETS[dataSet]}_${playback}_${house}`;
}

/** `{house_id}_{channel}` */
export function applianceId(house: string, channel: string): string {
  return `${house}_${channel}`;
}

/**
 * By how much a replayed house's power is scaled, within {@link POWER_FACTOR_RANGE}.
 *
 * A function of the seed and the house id alone, never of a sequence, so that every machine of a fleet gives a house
 * the same factor whatever range of playbacks it replays: the first 48 bits of SHA-256("{seed}:{house_id}") as a
 * fraction of 2^48, stretched over the range. Houses of one playback differ as well, or their sum would swing as one.
 */
export function powerFactor(seed: string, house: string): number {
  const bits = createHash('sha256').update(`${seed}:${house}`).digest().readUIntBE(0, 6);
  return POWER_FACTOR_RANGE.min + (POWER_FACTOR_RANGE.max - POWER_FACTOR_RANGE.min) * (bits / 2 ** 48);
}
