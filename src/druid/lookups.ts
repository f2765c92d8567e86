/** Druid's lookups: small tables that SQL reads with `LOOKUP(appliance_name, 'appliance_class')`. */
import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import { until } from '../core/clock/until.ts';
import { type DruidApi, DruidError } from './api.ts';

/** Tables by name, each from key to value. */
export type Lookups<Name extends string = string> = Readonly<Record<Name, Readonly<Record<string, string>>>>;

const PATH = '/druid/coordinator/v1/lookups';
/** The tier of every process that is not told otherwise. */
const TIER = '__default';

/** By tier, then by name. */
const tiers = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      version: z.string().nullish(),
      lookupExtractorFactory: z.object({ type: z.string(), map: z.record(z.string(), z.string()).optional() }),
    }),
  ),
);

/**
 * Brings lookups to these tables, and leaves others alone. Tables that are there already change nothing.
 *
 * @returns the names of the tables that were new or different.
 * @throws DruidError when Druid is away or refuses.
 */
export async function setLookups<Tables extends Lookups<Extract<keyof Tables, string>>>(
  api: DruidApi,
  lookups: Tables,
): Promise<string[]> {
  const current = await currentTables(api);
  const changed = Object.entries<Readonly<Record<string, string>>>(lookups).filter(
    ([name, map]) => !isDeepStrictEqual(current[name]?.lookupExtractorFactory.map, { ...map }),
  );
  if (changed.length === 0) {
    return [];
  }
  // Processes take a table over when its version sorts behind the one they have.
  const version = new Date().toISOString();
  const update = changed.map(([name, map]) => [
    name,
    { version, lookupExtractorFactory: { type: 'map', map: { ...map }, isOneToOne: false } },
  ]);
  await api.request('POST', `${PATH}/config`, { [TIER]: Object.fromEntries(update) as Record<string, never> });
  return changed.map(([name]) => name);
}

/**
 * Resolves when every process has these lookups.
 *
 * @throws DruidError after `timeoutMs`.
 */
export async function waitForLookups(api: DruidApi, names: readonly string[], timeoutMs: number): Promise<void> {
  const shape = z.record(z.string(), z.object({ loaded: z.boolean() }));
  const isLoaded = async (): Promise<boolean> => {
    try {
      const status = await api.get(`${PATH}/status/${TIER}`, shape);
      return names.every((name) => status[name]?.loaded === true);
    } catch (error) {
      if (error instanceof DruidError) {
        return false;
      }
      throw error;
    }
  };
  await until(isLoaded, {
    intervalMs: 500,
    timeoutMs,
    otherwise: () => new DruidError(`Druid did not load the lookups ${names.join(', ')} within ${timeoutMs} ms`),
  });
}

async function currentTables(api: DruidApi): Promise<z.infer<typeof tiers>[string]> {
  try {
    return (await api.get(`${PATH}/config/all`, tiers))[TIER] ?? {};
  } catch (error) {
    if (!(error instanceof DruidError && error.status === 404)) {
      throw error;
    }
    // Druid keeps lookups only after they were set to nothing once.
    await api.request('POST', `${PATH}/config`, {});
    return {};
  }
}
