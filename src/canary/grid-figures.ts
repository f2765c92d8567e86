/** What the grid draws now and how much of it could be shed, from Druid: figures for operators. */
import { z } from 'zod';

import { SHEDDABLE_CLASSES } from '../core/appliances/registry.ts';
import type { DruidApi } from '../druid/api.ts';
import { askNow, type Now, powerNowSql } from '../druid/power-now.ts';
import { querySql, UnknownDataSourceError } from '../druid/sql.ts';

/** How long Druid may take over the figures, ms. */
const TIMEOUT_MS = 10_000;

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
 * The figures of the newest complete seconds; undefined when Druid has no recent reading.
 *
 * @param seconds length of "now": nowSeconds of src/druid/power-now.ts.
 * @throws DruidError when Druid does not answer, which is no news about the grid.
 */
export async function askGridFigures(api: DruidApi, seconds: number): Promise<GridFigures | undefined> {
  const context = { timeout: TIMEOUT_MS };
  try {
    const now = await askNow(api, seconds, { context });
    return now && (await querySql(api, figuresSql(now), gridFigures, { context }))[0];
  } catch (error) {
    if (error instanceof UnknownDataSourceError) {
      return undefined;
    }
    throw error;
  }
}

function figuresSql(now: Now): string {
  const { watts, condition } = powerNowSql(now);
  const sheddable = SHEDDABLE_CLASSES.map((name) => `'${name}'`).join(', ');
  const seconds = (now.endMs - now.startMs) / 1_000;
  return (
    `SELECT COALESCE(${watts}, 0) / 1000 AS power_kw, ` +
    `COALESCE(SUM(energy) FILTER (WHERE LOOKUP(appliance_name, 'appliance_class') IN (${sheddable})), 0)` +
    ` / ${seconds * 1_000} AS sheddable_kw, ` +
    'COUNT(DISTINCT appliance_id) AS appliances, ' +
    `COALESCE(SUM("count"), 0) * 1.0 / ${seconds} AS readings_per_s ` +
    `FROM powerraw WHERE ${condition}`
  );
}
