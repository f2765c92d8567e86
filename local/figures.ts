import { z } from 'zod';

import type { Figures, LatestDutyCycle, NamedPower, PowerNow } from '../engines/view/grid-state.ts';
import { SHEDDABLE_CLASSES } from '../src/core/appliances/registry.ts';
import type { GridClock } from '../src/core/clock/grid-clock.ts';
import { DATA_SETS } from '../src/core/data-sets.ts';
import type { DruidApi } from '../src/druid/api.ts';
import { askNow, nowSeconds, powerNowSql } from '../src/druid/power-now.ts';
import { querySql, UnknownDataSourceError } from '../src/druid/sql.ts';

/** How far back the newest duty cycles are looked for. */
const DUTY_CYCLES_MS = 120_000;
const TOP = 5;

const dataSetName = new Map<string, string>(Object.entries(DATA_SETS).map(([name, number]) => [String(number), name]));

/**
 * An appliance's name as the dashboard shows it (ec2-userdata/superset/grid_sql.py): `lamp, GREEND 0 #1, 7` is the lamp on
 * channel 7 of GREEND's house 0 in playback 1. An id of another form stands for itself.
 */
export function applianceTitle(name: string, id: string): string {
  const [, dataSet = '', playback, house, channel] = /^(\d+)_(\d+)_(.+)_([^_]+)$/.exec(id) ?? [];
  const known = dataSetName.get(dataSet);
  return known === undefined ? `${name}, ${id}` : `${name}, ${known} ${house} #${playback}, ${channel}`;
}

/**
 * The figures that Druid knows, for the terminal: of the same "now" as on the dashboard.
 *
 * @throws UnknownDataSourceError before the first reading, DruidError when Druid does not answer.
 */
export async function druidFigures(
  api: DruidApi,
  clock: GridClock,
): Promise<Pick<Figures, 'power' | 'topAppliances' | 'dutyCycles'>> {
  const now = await askNow(api, nowSeconds(clock));
  if (now === undefined) {
    return { topAppliances: [], dutyCycles: [] };
  }
  const { watts, condition } = powerNowSql(now);

  const power = await querySql(
    api,
    `SELECT SUBSTRING(house_id, 1, 1) AS data_set, LOOKUP(appliance_name, 'appliance_class') AS class, ${watts} AS watts
       FROM powerraw WHERE ${condition} GROUP BY 1, 2`,
    powerRow,
  );
  const top = await querySql(
    api,
    `SELECT appliance_id, appliance_name, ${watts} AS watts FROM powerraw WHERE ${condition} GROUP BY 1, 2 ORDER BY 3 DESC LIMIT ${TOP}`,
    z.object({ appliance_id: z.string(), appliance_name: z.string(), watts: z.number() }),
  );
  return {
    ...(power.length > 0 && { power: powerNow(power) }),
    topAppliances: top.map(({ appliance_id, appliance_name, watts }): NamedPower => ({
      name: applianceTitle(appliance_name, appliance_id),
      watts,
    })),
    dutyCycles: await latestDutyCycles(
      api,
      top.map(({ appliance_id }) => appliance_id),
    ),
  };
}

const powerRow = z.object({ data_set: z.string(), class: z.string().nullable(), watts: z.number() });

/** @param rows the power of each data set's classes. */
export function powerNow(rows: readonly z.output<typeof powerRow>[]): PowerNow {
  const sum = (of: typeof rows): number => of.reduce((total, { watts }) => total + watts, 0);
  const sheddable = SHEDDABLE_CLASSES.map((name) => ({ name, watts: sum(rows.filter((row) => row.class === name)) }));
  const dataSets = [...new Set(rows.map(({ data_set }) => data_set))].sort();
  return {
    watts: sum(rows),
    sheddableWatts: sheddable.reduce((total, { watts }) => total + watts, 0),
    sheddable,
    dataSets: dataSets.map((number) => ({
      name: dataSetName.get(number) ?? number,
      watts: sum(rows.filter(({ data_set }) => data_set === number)),
    })),
  };
}

const dutyCycleRow = z.object({
  appliance_id: z.string(),
  appliance_name: z.string(),
  on_ms: z.number(),
  observed_ms: z.number(),
  energy: z.number(),
  window_ms: z.number(),
});

async function latestDutyCycles(api: DruidApi, ids: readonly string[]): Promise<LatestDutyCycle[]> {
  if (ids.length === 0) {
    return [];
  }
  const rows = await querySql(
    api,
    // A window may be there twice: MAX before anything else.
    `SELECT appliance_id, appliance_name, __time, MAX(on_ms) AS on_ms, MAX(observed_ms) AS observed_ms,
            MAX(energy) AS energy, TIMESTAMP_TO_MILLIS(__time) - MAX(window_start) AS window_ms
       FROM dutycycle
      WHERE __time >= MILLIS_TO_TIMESTAMP(${Date.now() - DUTY_CYCLES_MS})
        AND appliance_id IN (${ids.map(() => '?').join(', ')})
      GROUP BY 1, 2, 3 ORDER BY 3 DESC LIMIT 1000`,
    dutyCycleRow,
    { parameters: ids },
  ).catch((error: unknown) => {
    // The first window takes its length and more to close.
    if (error instanceof UnknownDataSourceError) {
      return [];
    }
    throw error;
  });
  return ids.flatMap((id) => {
    const newest = rows.find(({ appliance_id }) => appliance_id === id);
    if (!newest) {
      return [];
    }
    const { appliance_name, on_ms, observed_ms, energy, window_ms } = newest;
    return {
      applianceId: id,
      title: applianceTitle(appliance_name, id),
      dutyCycle: observed_ms === 0 ? 0 : on_ms / observed_ms,
      coverage: observed_ms / window_ms,
      meanPower: observed_ms === 0 ? 0 : energy / (observed_ms / 1_000),
    };
  });
}
