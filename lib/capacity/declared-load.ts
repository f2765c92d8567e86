/** The load that a configuration is made for. */
import type { GridConfig } from '../config/schema.ts';
import type { Load } from './needs.ts';

/** As in the seed: 80 playbacks were about 10,000 appliances, which sent 100,000 readings a second at 24 times the clock. */
export const APPLIANCES_PER_PLAYBACK = 125;
export const SEED_HZ = 10 / 24;

/**
 * What `load` says, or else what the replay hosts play.
 *
 * @returns undefined when neither says anything: real meters, whose number is not declared.
 */
export function declaredLoad({ load, replay, speed }: Pick<GridConfig, 'load' | 'replay' | 'speed'>): Load | undefined {
  if (load) {
    return { ...load, speed };
  }
  const playbacks = replay.hosts * replay.playbacksPerHost;
  return playbacks === 0 ? undefined : { appliances: playbacks * APPLIANCES_PER_PLAYBACK, hz: SEED_HZ, speed };
}
