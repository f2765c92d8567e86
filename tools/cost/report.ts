/** Estimates of presets as `npm run cost -- --json` prints them. Names and shape stay stable: others read them. */
import { carriedPerSecond } from '../../lib/capacity/capacity.ts';
import { readCosts } from '../../lib/capacity/costs.ts';
import { declaredLoad } from '../../lib/capacity/declared-load.ts';
import { rateOf } from '../../lib/capacity/needs.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { estimate, type Item, total } from './estimate.ts';

export interface CostReport {
  readonly preset: string;
  /** What it is made for; 0 when that is not said. */
  readonly readings_per_s: number;
  /** What its machines carry, with room to spare; 0 when no load is declared. */
  readonly carried_readings_per_s: number;
  readonly total_usd: number;
  readonly lines: readonly Pick<Item, 'part' | 'item' | 'usd' | 'formula' | 'source' | 'date'>[];
}

export function costReport(preset: string, config: GridConfig): CostReport {
  const items = estimate(config);
  const load = declaredLoad(config);
  return {
    preset,
    readings_per_s: load ? Math.round(rateOf(load)) : 0,
    carried_readings_per_s: load ? Math.floor(carriedPerSecond(config, load, readCosts())) : 0,
    total_usd: cents(total(items)),
    lines: items.map(({ part, item, usd, formula, source, date }) => {
      return { part, item, usd: cents(usd), formula, source, date };
    }),
  };
}

const cents = (usd: number): number => Math.round(usd * 100) / 100;
