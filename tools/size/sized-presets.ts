/** The presets that are sizes: of which load, and where they are kept. */
import { fileURLToPath } from 'node:url';

import type { GridConfigInput } from '../../lib/config/schema.ts';
import { DEFAULT_SPEED } from '../../src/core/clock/grid-clock.ts';
import type { Costs } from './costs.ts';
import type { Load } from './needs.ts';
import { size } from './size.ts';

/** The seed's 10,000 appliances sent 100,000 readings a second of the clock, at its speed. */
const SEED_HZ = 10 / DEFAULT_SPEED;

export const PRESET_LOADS = {
  seed: { appliances: 10_000, hz: SEED_HZ, speed: DEFAULT_SPEED },
  district: { appliances: 100_000, hz: SEED_HZ, speed: DEFAULT_SPEED },
  city: { appliances: 1_000_000, hz: SEED_HZ, speed: DEFAULT_SPEED },
} as const satisfies Record<string, Load>;

/** Written by `npm run size -- --write-presets`, read by lib/config/presets.ts. */
export const SIZED_PRESETS_FILE = fileURLToPath(new URL('../../lib/config/sized-presets.json', import.meta.url));

/** Written with it, read by lib/config/measured.ts. */
export const MEASURED_FILE = fileURLToPath(new URL('../../lib/config/measured.json', import.meta.url));

/** What deployments use of the costs themselves, rounded down to what can be said of a machine. */
export function measuredOf({ druidTask }: Pick<Costs, 'druidTask'>): { readonly druidTaskReadingsPerSecond: number } {
  return { druidTaskReadingsPerSecond: Math.floor(druidTask / 1_000) * 1_000 };
}

export function sizedPresets(costs: Costs): Record<keyof typeof PRESET_LOADS, GridConfigInput> {
  return {
    seed: size(PRESET_LOADS.seed, costs).config,
    district: size(PRESET_LOADS.district, costs).config,
    city: size(PRESET_LOADS.city, costs).config,
  };
}
