/** The way in: a directory becomes a data set, whichever layout it has. */
import { join, resolve } from 'node:path';

import type { DataSetName } from '../core/data-sets.ts';
import { DEFAULT_MAX_POWER_W } from '../core/limits.ts';
import type { DataSet } from './data-set/data-set.ts';
import { DataSetError } from './data-set/errors.ts';
import type { OpenOptions, ReadSettings } from './data-set/open-options.ts';
import { entriesOf, problemWith } from './files/entries.ts';
import { GREEND_TIME_ZONE, looksLikeGreend, openGreendHouses } from './greend/greend.ts';
import { looksLikeRedd, openReddHouses, REDD_TIME_ZONE } from './redd/redd.ts';

/**
 * Opens a directory laid out as REDD's low_freq (or the directory above it) or as GREEND. Houses that can't be read are
 * left out, with a warning.
 *
 * @throws DataSetError when the directory is missing, holds neither layout or both, or no house with readings.
 */
export async function openDataSet(directory: string, options: OpenOptions = {}): Promise<DataSet> {
  const settings: ReadSettings = {
    maxPowerW: options.maxPowerW ?? DEFAULT_MAX_POWER_W,
    timeZone: options.timeZone,
    warn: options.warn ?? ((message) => process.stderr.write(`${message}\n`)),
  };
  const { name, housesIn } = await layoutOf(directory);
  const { houses, leftOut } =
    name === 'REDD' ? await openReddHouses(housesIn, settings) : await openGreendHouses(housesIn, settings);
  if (houses.length === 0) {
    throw new DataSetError(`${directory} is laid out as ${name} but holds no readings: ${leftOut.join('; ')}`);
  }
  for (const why of leftOut) {
    settings.warn(`${why}: left out`);
  }
  const timeZone = options.timeZone ?? (name === 'REDD' ? REDD_TIME_ZONE : GREEND_TIME_ZONE);
  return { name, timeZone, directory, houses };
}

/**
 * Which data set a directory is laid out as, and where its houses are.
 *
 * @throws DataSetError when the directory is missing, or holds neither layout or both.
 */
export async function layoutOf(directory: string): Promise<{ readonly name: DataSetName; readonly housesIn: string }> {
  const entries = await entriesOf(directory);
  const redd = await reddDirectory(directory, entries);
  const greend = looksLikeGreend(entries);
  if (redd !== undefined && greend) {
    throw new DataSetError(
      `${directory} holds both REDD houses and GREEND buildings: give each a directory of its own`,
    );
  }
  if (redd !== undefined) {
    return { name: 'REDD', housesIn: redd };
  }
  if (greend) {
    return { name: 'GREEND', housesIn: directory };
  }
  throw await neitherLayout(directory, entries);
}

/** The directory with REDD's houses: this one or its `low_freq`. */
async function reddDirectory(directory: string, entries: readonly string[]): Promise<string | undefined> {
  if (looksLikeRedd(entries)) {
    return directory;
  }
  const below = join(directory, 'low_freq');
  if (!entries.includes('low_freq') || (await problemWith(below, 'directory')) !== undefined) {
    return undefined;
  }
  return looksLikeRedd(await entriesOf(below)) ? below : undefined;
}

async function neitherLayout(directory: string, entries: readonly string[]): Promise<DataSetError> {
  if (entries.length === 0) {
    return new DataSetError(`${directory} is empty: name the directory of a data set`);
  }
  const below: string[] = [];
  for (const entry of entries) {
    const path = join(directory, entry);
    if ((await problemWith(path, 'directory')) !== undefined) {
      continue;
    }
    const inside = await entriesOf(path).catch(() => []);
    if (looksLikeGreend(inside) || (await reddDirectory(path, inside)) !== undefined) {
      below.push(path);
    }
  }
  if (below.length > 0) {
    return new DataSetError(`${directory} is no data set, but what is in it is: name ${below.sort().join(' or ')}`);
  }
  const above = resolve(directory, '..');
  const beside = await entriesOf(above).catch(() => []);
  const inHouse = /^(?:house_|building)\d+$/.exec(
    resolve(directory)
      .slice(above.length)
      .replace(/^[/\\]/, ''),
  );
  if (inHouse && (looksLikeRedd(beside) || looksLikeGreend(beside))) {
    return new DataSetError(`${directory} is one house of a data set: name the directory above it, ${above}`);
  }
  return new DataSetError(
    `${directory} is laid out neither as REDD (house_N/labels.dat, channel_M.dat) ` +
      'nor as GREEND (buildingN/dataset_YYYY-MM-DD.csv)',
  );
}
