/**
 * "Power now": one rule for the terminal, the canary and the dashboard. Now ends before the newest complete second and is
 * long enough that an appliance which is read as seldom as is allowed has two readings in it; its power is the energy of
 * that time divided by its length, of appliances alone (mains and subpanels hold the same power again). The dashboard's
 * half is ec2-userdata/superset/grid_settings.py and grid_sql.py; test/support/power-now.json holds all to the same cases.
 */
import { z } from 'zod';

import type { GridClock } from '../core/clock/grid-clock.ts';
import type { DruidApi } from './api.ts';
import { querySql, type SqlOptions } from './sql.ts';

/** Readings older than this are not "now": there are no figures then, rather than old ones. Seconds. */
const STALE_S = 30;

/** The second of the newest reading may still grow, and so may the one before it on a slower partition. ms. */
const SKEW_MS = 1_000;

/** Length of "now", whole seconds of the wall clock. */
export function nowSeconds(clock: Pick<GridClock, 'maxGapMs'>): number {
  return Math.max(5, Math.ceil((2 * clock.maxGapMs) / 1_000));
}

/** A span of the wall clock, ms since 1970; its end is not part of it. */
export interface Now {
  readonly startMs: number;
  readonly endMs: number;
}

/** @param newestMs time of the newest reading, ms since 1970. */
export function nowOf(newestMs: number, seconds: number): Now {
  const endMs = Math.floor(newestMs / 1_000) * 1_000 - SKEW_MS;
  return { startMs: endMs - seconds * 1_000, endMs };
}

const newestRow = z.object({ newest: z.number().nullable() });

const NEWEST_SQL =
  'SELECT TIMESTAMP_TO_MILLIS(MAX(__time)) AS newest FROM powerraw ' +
  `WHERE __time > CURRENT_TIMESTAMP - INTERVAL '${STALE_S}' SECOND AND __time <= CURRENT_TIMESTAMP`;

/**
 * Asks Druid for the newest reading.
 *
 * @param seconds length of "now": {@link nowSeconds}.
 * @returns undefined when Druid has no recent reading.
 * @throws UnknownDataSourceError before the first reading, DruidError when Druid does not answer.
 */
export async function askNow(api: DruidApi, seconds: number, options?: SqlOptions): Promise<Now | undefined> {
  const [found] = await querySql(api, NEWEST_SQL, newestRow, options);
  // Before any reading the maximum is NULL or, in Druid's older ways, a very small number.
  return found?.newest == null || found.newest <= 0 ? undefined : nowOf(found.newest, seconds);
}

/** Parts of SQL on powerraw: `SELECT ${watts} FROM powerraw WHERE ${condition}`. */
export function powerNowSql({ startMs, endMs }: Now): { readonly watts: string; readonly condition: string } {
  return {
    watts: `SUM(energy) / ${(endMs - startMs) / 1_000}`,
    condition:
      `__time >= MILLIS_TO_TIMESTAMP(${startMs}) AND __time < MILLIS_TO_TIMESTAMP(${endMs}) ` +
      "AND LOOKUP(appliance_name, 'appliance_role') = 'appliance'",
  };
}
