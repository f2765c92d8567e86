/** The way in: a directory becomes a data set, whichever layout it has. */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { DataSet } from './data-set.ts';
import { codeOf, DataSetError, messageOf } from './errors.ts';
import { GREEND_TIME_ZONE, looksLikeGreend, openGreendHouses } from './greend.ts';
import type { OpenOptions, ReadSettings } from './open-options.ts';
import { looksLikeRedd, openReddHouses, REDD_TIME_ZONE } from './redd.ts';
import { DEFAULT_MAX_POWER_W } from './rows.ts';

/**
 * Opens a directory laid out as REDD's low_freq (or the directory above it) or as GREEND.
 *
 * @throws DataSetError when the directory is missing, holds neither layout or both, or holds no readings.
 */
export async function openDataSet(directory: string, options: OpenOptions = {}): Promise<DataSet> {
  const settings: ReadSettings = {
    maxPowerW: options.maxPowerW ?? DEFAULT_MAX_POWER_W,
    warn: options.warn ?? ((message) => process.stderr.write(`${message}\n`)),
  };
  const entries = await entriesOf(directory);
  const redd = await reddDirectory(directory, entries);
  const greend = looksLikeGreend(entries);
  if (redd !== undefined && greend) {
    throw new DataSetError(
      `${directory} holds both REDD houses and GREEND buildings: give each a directory of its own`,
    );
  }
  if (redd === undefined && !greend) throw await neitherLayout(directory, entries);
  const dataSet: DataSet =
    redd === undefined
      ? { name: 'GREEND', timeZone: GREEND_TIME_ZONE, directory, houses: await openGreendHouses(directory, settings) }
      : { name: 'REDD', timeZone: REDD_TIME_ZONE, directory, houses: await openReddHouses(redd, settings) };
  if (dataSet.houses.length === 0) {
    throw new DataSetError(
      `${directory} is laid out as ${dataSet.name} but holds no readings: are its files all there?`,
    );
  }
  return dataSet;
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw new DataSetError(`${directory} does not exist: name the directory of a data set`);
    if (code === 'ENOTDIR') throw new DataSetError(`${directory} is a file: name the directory of a data set`);
    throw new DataSetError(`can't read ${directory}: ${messageOf(error)}`);
  }
}

/** The directory with REDD's houses: this one or its `low_freq`. */
async function reddDirectory(directory: string, entries: readonly string[]): Promise<string | undefined> {
  if (looksLikeRedd(entries)) return directory;
  const below = join(directory, 'low_freq');
  if (!entries.includes('low_freq') || !(await stat(below)).isDirectory()) return undefined;
  return looksLikeRedd(await readdir(below)) ? below : undefined;
}

async function neitherLayout(directory: string, entries: readonly string[]): Promise<DataSetError> {
  if (entries.length === 0) return new DataSetError(`${directory} is empty: name the directory of a data set`);
  const below: string[] = [];
  for (const entry of entries) {
    const path = join(directory, entry);
    if (!(await stat(path)).isDirectory()) continue;
    const inside = await readdir(path);
    if (looksLikeGreend(inside) || (await reddDirectory(path, inside)) !== undefined) below.push(path);
  }
  if (below.length > 0) {
    return new DataSetError(`${directory} is no data set, but what is in it is: name ${below.sort().join(' or ')}`);
  }
  const above = resolve(directory, '..');
  const beside = await readdir(above).catch(() => []);
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
