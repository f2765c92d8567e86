/** What Druid shows of the canary right now. */
import { z } from 'zod';

import type { DruidApi } from '../druid/api.ts';
import { querySql, UnknownDataSourceError } from '../druid/sql.ts';

/** The canary's house. */
export const CANARY_HOUSE = '0_canary';

/** How long Druid may take over one question, ms: a canary that waits for long measures its own patience. */
export const QUERY_TIMEOUT_MS = 2_000;

const row = z.object({ newest: z.number().nullable() });

/**
 * The newest `__time` of the canary in a data source from `sinceMs` on, ms since the epoch; undefined when there is none.
 *
 * @throws DruidError when Druid does not answer, which is no news about the data.
 */
export async function newestOf(
  api: DruidApi,
  dataSource: 'powerraw' | 'dutycycle',
  sinceMs: number,
): Promise<number | undefined> {
  const query =
    `SELECT TIMESTAMP_TO_MILLIS(MAX(__time)) AS newest FROM ${dataSource} ` +
    `WHERE house_id = '${CANARY_HOUSE}' AND __time >= MILLIS_TO_TIMESTAMP(${sinceMs})`;
  try {
    const [found] = await querySql(api, query, row, {
      context: { timeout: QUERY_TIMEOUT_MS, useCache: false, populateCache: false },
    });
    // The maximum of no rows is NULL or, in Druid's older ways, a very small number.
    return found?.newest != null && found.newest >= sinceMs ? found.newest : undefined;
  } catch (error) {
    // Before its first row a data source is not known: that is an answer.
    if (error instanceof UnknownDataSourceError) {
      return undefined;
    }
    throw error;
  }
}
