/** What the grid draws right now and what of it could be shed, asked of Druid: figures for whoever watches the grid. */
import { z } from 'zod';

import { APPLIANCE_CLASSES } from '../core/appliances/registry.ts';
import type { GridClock } from '../core/clock/grid-clock.ts';
import type { DruidApi } from '../druid/api.ts';
import { querySql, UnknownDataSourceError } from '../druid/sql.ts';

/** What may be shed, as on the dashboard (its dataset `appliances_now`). */
export const SHEDDABLE_CLASSES = APPLIANCE_CLASSES.filter((name) => name !== 'essential' && name !== 'none');

/** How long Druid may take over the figures, ms. */
const TIMEOUT_MS = 10_000;

/** Readings older than this are not "now": there are no figures then, rather than old ones. Seconds. */
const STALE_S = 30;

export const gridFigures = z.object({
  /** Power of all appliances heard now, kW. */
  power_kw: z.number(),
  /** Power of the classes that may be shed, kW. */
  sheddable_kw: z.number(),
  /** About how many appliances were heard now. */
  appliances: z.int().nonnegative(),
  /** Readings of appliances that queries show, a second of the wall clock. */
  readings_per_s: z.number().nonnegative(),
});
export type GridFigures = z.infer<typeof gridFigures>;

/**
 * Length of "now", whole seconds of the wall clock, as on the dashboard (grid_settings.py): an appliance that is read as
 * seldom as is allowed has two readings in it.
 */
export function nowSeconds(clock: GridClock): number {
  return Math.max(5, Math.ceil((2 * clock.maxGapMs) / 1_000));
}

const newestRow = z.object({ newest: z.number().nullable() });

/**
 * The figures of the newest complete seconds; undefined when Druid has no recent reading.
 *
 * @throws DruidError when Druid does not answer, which is no news about the grid.
 */
export async function askGridFigures(api: DruidApi, seconds: number): Promise<GridFigures | undefined> {
  const context = { timeout: TIMEOUT_MS };
  try {
    const [found] = await querySql(api, NEWEST_SQL, newestRow, { context });
    // Before any reading the maximum is NULL or, in Druid's older ways, a very small number.
    if (found?.newest == null || found.newest <= 0) {
      return undefined;
    }
    // The second of the newest reading may still grow, and so may the one before it on a slower partition.
    const endMs = Math.floor(found.newest / 1_000) * 1_000 - 1_000;
    const [figures] = await querySql(api, FIGURES_SQL(endMs, seconds), gridFigures, { context });
    return figures;
  } catch (error) {
    if (error instanceof UnknownDataSourceError) {
      return undefined;
    }
    throw error;
  }
}

const NEWEST_SQL =
  'SELECT TIMESTAMP_TO_MILLIS(MAX(__time)) AS newest FROM powerraw ' +
  `WHERE __time > CURRENT_TIMESTAMP - INTERVAL '${STALE_S}' SECOND AND __time <= CURRENT_TIMESTAMP`;

const FIGURES_SQL = (endMs: number, seconds: number): string => {
  const sheddable = SHEDDABLE_CLASSES.map((name) => `'${name}'`).join(', ');
  const perKilowatt = seconds * 1_000;
  return (
    `SELECT COALESCE(SUM(energy), 0) / ${perKilowatt} AS power_kw, ` +
    `COALESCE(SUM(energy) FILTER (WHERE LOOKUP(appliance_name, 'appliance_class') IN (${sheddable})), 0)` +
    ` / ${perKilowatt} AS sheddable_kw, ` +
    'COUNT(DISTINCT appliance_id) AS appliances, ' +
    `COALESCE(SUM("count"), 0) * 1.0 / ${seconds} AS readings_per_s ` +
    `FROM powerraw WHERE __time >= MILLIS_TO_TIMESTAMP(${endMs - seconds * 1_000}) ` +
    `AND __time < MILLIS_TO_TIMESTAMP(${endMs}) AND LOOKUP(appliance_name, 'appliance_role') = 'appliance'`
  );
};
