/**
 * GREEND: `buildingN/dataset_YYYY-MM-DD.csv` with a column per plug, and `labels.json` beside the buildings with a list
 * of labels for each, in column order.
 *
 * Monacchi et al., "GREEND: An Energy Consumption Dataset of Households in Italy and Austria", SmartGridComm 2014.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { z } from 'zod';

import { LocalClock } from '../../core/clock/local-clock.ts';
import type { Channel } from '../data-set/data-set.ts';
import { DataSetError, messageOf } from '../data-set/errors.ts';
import type { OpenedHouses, ReadSettings } from '../data-set/open-options.ts';
import { entriesOf, problemWith } from '../files/entries.ts';
import { FileHouse, type HouseFile, listed } from '../files/house-files.ts';
import { decoded } from '../files/label-text.ts';
import { GreendRows } from './greend-rows.ts';
import { findHeaders } from './greend-survey.ts';

/** Italy's; Austria's clocks are the same. */
export const GREEND_TIME_ZONE = 'Europe/Rome';

const BUILDING = /^building(\d+)$/;
const NEARLY_A_BUILDING = /^building[ _-]?\d+/i;
const DAY_FILE = /^dataset_.*\.csv(?:\.gz)?$/;
const NEARLY_A_DAY_FILE = /^dataset/i;
const UNKNOWN_LABEL = 'unknown';

const Labels = z.record(z.string(), z.array(z.string()));

/** Whether a directory's entries look like buildings of GREEND. */
export function looksLikeGreend(entries: readonly string[]): boolean {
  return entries.some((entry) => BUILDING.test(entry));
}

/**
 * The buildings that have readings, by number.
 *
 * @throws DataSetError when the directory can't be read, or labels.json is no such file.
 */
export async function openGreendHouses(directory: string, settings: ReadSettings): Promise<OpenedHouses> {
  const entries = await entriesOf(directory);
  const clock = new LocalClock(settings.timeZone ?? GREEND_TIME_ZONE);
  const labels = await readLabels(directory, entries, settings);
  const opened: OpenedHouses = { houses: [], leftOut: [] };
  const numbers = entries.flatMap((entry) => BUILDING.exec(entry)?.[1] ?? []);
  for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
    try {
      opened.houses.push(await openBuilding(directory, number, labels, clock, settings));
    } catch (error) {
      if (!(error instanceof DataSetError)) {
        throw error;
      }
      opened.leftOut.push(error.message);
    }
  }
  const others = entries.filter((entry) => NEARLY_A_BUILDING.test(entry) && !BUILDING.test(entry));
  if (others.length > 0) {
    settings.warn(`${directory}: not read, as no building is named so: ${listed(others)}`);
  }
  return opened;
}

/** @throws DataSetError when it can't be read, or no file has a header. */
async function openBuilding(
  above: string,
  number: string,
  labels: Record<string, string[]> | undefined,
  clock: LocalClock,
  settings: ReadSettings,
): Promise<FileHouse> {
  const name = `building${number}`;
  const directory = join(above, name);
  const problem = await problemWith(directory, 'directory');
  if (problem !== undefined) {
    throw new DataSetError(`${directory} ${problem}`);
  }
  const files = await dayFiles(directory, settings);
  const { headers, readable, damaged } = await findHeaders(
    files.map((file) => join(directory, file)),
    settings.warn,
  );
  const plugs = channelsOf(headers, labelsOf(name, labels));
  if (plugs.size === 0) {
    throw new DataSetError(
      damaged === undefined
        ? `${directory} holds no dataset_YYYY-MM-DD.csv with readings`
        : `${directory} has no header that names its plugs by their addresses, timestamp,<16 hexadecimal digits>,...: ` +
            `the first one is ${JSON.stringify(damaged)}`,
    );
  }
  warnOfNames(above, name, plugs, headers, labels, settings);
  const channelOf = new Map([...plugs.keys()].map((plug, index) => [plug, index]));
  return new FileHouse({
    id: number,
    directory,
    channels: [...plugs.values()],
    files: readable.map((path): HouseFile => ({
      path,
      name: basename(path),
      firstChannel: 0,
      width: plugs.size,
      rowsStandAlone: false,
      parser: (target, counts, limits) => {
        const rows = new GreendRows(target, counts, limits, channelOf);
        return (bytes, length) => rows.take(bytes, length);
      },
    })),
    oneRowAtATime: true,
    clock,
    settings,
  });
}

/** The day files that can be read. */
async function dayFiles(directory: string, settings: ReadSettings): Promise<readonly string[]> {
  const entries = await entriesOf(directory);
  const others = entries.filter((entry) => NEARLY_A_DAY_FILE.test(entry) && !DAY_FILE.test(entry));
  if (others.length > 0) {
    settings.warn(`${directory}: not read, as no day is named so: ${listed(others)}`);
  }
  const files: string[] = [];
  for (const entry of entries.filter((name) => DAY_FILE.test(name))) {
    const problem = await problemWith(join(directory, entry), 'file');
    if (problem === undefined) {
      files.push(entry);
    } else {
      settings.warn(`${join(directory, entry)} ${problem}: the file is left out`);
    }
  }
  // Of a file and its compressed copy the first is read, which needs no decompression.
  return files.filter((file) => !(file.endsWith('.gz') && files.includes(file.slice(0, -'.gz'.length))));
}

function labelsOf(name: string, labels: Record<string, string[]> | undefined): readonly string[] {
  if (!labels) {
    return [];
  }
  const number = Number(BUILDING.exec(name)?.[1]);
  return labels[name] ?? labels[`building${number}`] ?? [];
}

/** Says which plugs have no name. */
function warnOfNames(
  directory: string,
  name: string,
  plugs: ReadonlyMap<string, Channel>,
  headers: readonly (readonly string[])[],
  labels: Record<string, string[]> | undefined,
  settings: ReadSettings,
): void {
  if (!labels) {
    return;
  }
  const path = join(directory, 'labels.json');
  const count = labelsOf(name, labels).length;
  const most = Math.max(...headers.map((header) => header.length));
  if (count > most) {
    settings.warn(
      `${path} has ${count} labels for ${name}, but no header has more than ${most} plugs, so their names can't be ` +
        'told: all are read as unknown, which are in no sum. List a label for each column',
    );
    return;
  }
  const unknown = [...plugs].filter(([, channel]) => channel.label === UNKNOWN_LABEL).map(([plug]) => plug);
  if (unknown.length > 0) {
    settings.warn(`${path} has no label for ${name}'s plug ${unknown.join(', ')}: read as unknown, which is in no sum`);
  }
}

async function readLabels(
  directory: string,
  entries: readonly string[],
  settings: ReadSettings,
): Promise<Record<string, string[]> | undefined> {
  const path = join(directory, 'labels.json');
  const problem = entries.includes('labels.json') ? await problemWith(path, 'file') : 'is missing';
  if (problem !== undefined) {
    settings.warn(
      `${path} ${problem}: it lists the labels of each building. All plugs are read as unknown, which are in no sum`,
    );
    return undefined;
  }
  try {
    return Labels.parse(JSON.parse(decoded(await readFile(path))));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s+/g, ' ') : messageOf(error);
    throw new DataSetError(`${path} must be JSON, {"building0": ["label", ...], ...}: ${why}`);
  }
}

/**
 * A building's channels by plug address, in the order of the labels.
 *
 * The labels are in column order, but headers differ and the first one may lack a plug. So the header that the labels
 * describe is the first with as many plugs as there are labels; if there is none, the first of those with the most
 * plugs. Plugs that it does not have follow, without a label. When there are more labels than plugs in any header, one
 * of them is of a plug that is missing, it is unknown which: then none has a label.
 */
export function channelsOf(
  headers: readonly (readonly string[])[],
  labels: readonly string[],
): ReadonlyMap<string, Channel> {
  const widest = [...headers].sort((a, b) => b.length - a.length)[0] ?? [];
  const described = headers.find((header) => header.length === labels.length) ?? widest;
  const labelled = labels.length > described.length ? 0 : described.length;
  const plugs = new Set([...described, ...headers.flat()]);
  return new Map(
    [...plugs].map((plug, index) => [
      plug,
      { id: String(index + 1), label: (index < labelled ? labels[index] : undefined) ?? UNKNOWN_LABEL },
    ]),
  );
}
