import { z } from 'zod';

import type { DruidApi } from '../../src/druid/api.ts';
import { querySql, UnknownDataSourceError } from '../../src/druid/sql.ts';
import type { Span } from '../../src/replay/spans.ts';

/** Which part of Druid's data a run has made. All spans are whole seconds. */
export interface RunExtent {
  /** Where live began: nothing older than the run lies behind it. ms since the epoch. */
  readonly liveFromMs: number;
  /** Spans that the run has filled with readings of the playbacks `from` to `to` - 1. */
  readonly backfill: readonly { readonly from: number; readonly to: number; readonly spans: readonly Span[] }[];
}

/** What Druid holds of a run. */
export interface DruidCounts {
  /** Readings: the sum of the roll-up's counts. */
  readonly powerraw: number;
  /** Distinct (appliance, window). */
  readonly dutycycle: number;
  /** Distinct (appliance, slot). */
  readonly history: number;
}

/** Asks Druid, after everything was drained. A data source without a row counts 0. */
export async function druidCounts(
  api: DruidApi,
  run: RunExtent & { readonly historyFromMs: number },
): Promise<DruidCounts> {
  const live = since(run.liveFromMs);
  // Airflow's first slot of a run may lie before its start. Without a slot in this run there is nothing to compare.
  const slots = run.historyFromMs === 0 ? 'FALSE' : since(run.historyFromMs);
  const backfilled = run.backfill
    .flatMap(({ spans, ...playbacks }) => spans.map((span) => ` OR (${ofPlaybacks(playbacks)} AND ${within(span)})`))
    .join('');
  const [powerraw, dutycycle, history] = await Promise.all([
    count(api, `SELECT SUM("count") AS n FROM powerraw WHERE ${live}${backfilled}`),
    // Windows of the run end after live began; those of the run before were never finished.
    count(api, `SELECT COUNT(*) AS n FROM (SELECT 1 FROM dutycycle WHERE ${live} GROUP BY appliance_id, __time)`),
    count(api, `SELECT COUNT(*) AS n FROM (SELECT 1 FROM history WHERE ${slots} GROUP BY appliance_id, __time)`),
  ]);
  return { powerraw, dutycycle, history };
}

const since = (ms: number): string => `__time >= MILLIS_TO_TIMESTAMP(${ms})`;

const within = ({ fromMs, toMs }: Span): string => `${since(fromMs)} AND __time < MILLIS_TO_TIMESTAMP(${toMs})`;

/** House ids are {data set}_{playback}_{house}. */
const ofPlaybacks = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  `CAST(REGEXP_EXTRACT(house_id, '^[0-9]+_([0-9]+)_', 1) AS BIGINT) BETWEEN ${from} AND ${to - 1}`;

async function count(api: DruidApi, query: string): Promise<number> {
  const row = z.object({ n: z.number().nullable() });
  try {
    return (await querySql(api, query, row))[0]?.n ?? 0;
  } catch (error) {
    if (error instanceof UnknownDataSourceError) {
      return 0;
    }
    throw error;
  }
}
