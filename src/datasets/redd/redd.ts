/**
 * REDD low_freq: `house_N/labels.dat` with lines `M label`, and `house_N/channel_M.dat` with lines `<UTC s> <W>`.
 *
 * Kolter and Johnson, "REDD: A Public Data Set for Energy Disaggregation Research", SustKDD 2011. UK-DALE has the same
 * layout.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { LocalClock } from '../../core/clock/local-clock.ts';
import { DataSetError } from '../data-set/errors.ts';
import type { OpenedHouses, ReadSettings } from '../data-set/open-options.ts';
import { entriesOf, problemWith } from '../files/entries.ts';
import { FileHouse, type HouseFile, listed } from '../files/house-files.ts';
import { decoded } from '../files/label-text.ts';
import { takeReddRows } from './redd-rows.ts';

export const REDD_TIME_ZONE = 'America/New_York';

const HOUSE = /^house_(\d+)$/;
const NEARLY_A_HOUSE = /^house[ _-]?\d+/i;
const CHANNEL_FILE = /^channel_(\d+)\.dat(?:\.gz)?$/;
/** UK-DALE's button presses are no readings. */
const NEARLY_A_CHANNEL = /^channel(?!.*button_press)/i;
const UNKNOWN_LABEL = 'unknown';
/** Channel 1 is the mains in every house of REDD and of UK-DALE. */
const MAINS_CHANNEL = 1;
const MAINS_LABEL = 'mains';

/** Whether a directory's entries look like houses of REDD. */
export function looksLikeRedd(entries: readonly string[]): boolean {
  return entries.some((entry) => HOUSE.test(entry));
}

/**
 * The houses of a low_freq directory that have channels, by number.
 *
 * @throws DataSetError when the directory can't be read.
 */
export async function openReddHouses(directory: string, settings: ReadSettings): Promise<OpenedHouses> {
  const entries = await entriesOf(directory);
  const clock = new LocalClock(settings.timeZone ?? REDD_TIME_ZONE);
  const opened: OpenedHouses = { houses: [], leftOut: [] };
  const numbers = entries.flatMap((entry) => HOUSE.exec(entry)?.[1] ?? []);
  for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
    try {
      opened.houses.push(await openHouse(join(directory, `house_${number}`), number, clock, settings));
    } catch (error) {
      if (!(error instanceof DataSetError)) {
        throw error;
      }
      opened.leftOut.push(error.message);
    }
  }
  const others = entries.filter((entry) => NEARLY_A_HOUSE.test(entry) && !HOUSE.test(entry));
  if (others.length > 0) {
    settings.warn(`${directory}: not read, as no house is named so: ${listed(others)}`);
  }
  return opened;
}

/** @throws DataSetError when it can't be read, or all channels are missing or empty. */
async function openHouse(directory: string, id: string, clock: LocalClock, settings: ReadSettings): Promise<FileHouse> {
  const problem = await problemWith(directory, 'directory');
  if (problem !== undefined) {
    throw new DataSetError(`${directory} ${problem}`);
  }
  const entries = await entriesOf(directory);
  const names = await channelFiles(directory, entries, settings);
  const sizes = await Promise.all([...names.values()].map(async (name) => (await stat(join(directory, name))).size));
  if (sizes.every((size) => size === 0)) {
    throw new DataSetError(`${directory} holds no channel_M.dat with readings`);
  }
  const empty = [...names.values()].filter((_, index) => sizes[index] === 0);
  if (empty.length > 0) {
    settings.warn(`${directory} has empty files: ${listed(empty)}`);
  }
  const ids = [...names.keys()].sort((a, b) => Number(a) - Number(b));
  const labelOf = await labelsOf(directory, entries, ids, settings);
  return new FileHouse({
    id,
    directory,
    channels: ids.map((channel) => ({ id: channel, label: labelOf(channel) })),
    files: ids.map((channel, index): HouseFile => {
      const name = names.get(channel) ?? '';
      return {
        name,
        path: join(directory, name),
        firstChannel: index,
        width: 1,
        rowsStandAlone: true,
        parser: (target, counts, limits) => (bytes, length) => takeReddRows(bytes, length, target, counts, limits),
      };
    }),
    oneRowAtATime: false,
    clock,
    settings,
  });
}

/** The file of each channel that has one which can be read. */
async function channelFiles(
  directory: string,
  entries: readonly string[],
  settings: ReadSettings,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const others: string[] = [];
  for (const entry of entries) {
    const channel = CHANNEL_FILE.exec(entry)?.[1];
    if (channel === undefined) {
      if (NEARLY_A_CHANNEL.test(entry)) {
        others.push(entry);
      }
      continue;
    }
    const problem = await problemWith(join(directory, entry), 'file');
    if (problem !== undefined) {
      settings.warn(`${join(directory, entry)} ${problem}: the file is left out`);
    }
    // Of `channel_3.dat` and `channel_3.dat.gz` the first is read, which needs no decompression.
    else if (!files.has(channel)) {
      files.set(channel, entry);
    }
  }
  if (others.length > 0) {
    settings.warn(`${directory}: not read, as no channel is named so: ${listed(others)}`);
  }
  return files;
}

/** The label of each channel, by what labels.dat says. */
async function labelsOf(
  directory: string,
  entries: readonly string[],
  channels: readonly string[],
  settings: ReadSettings,
): Promise<(channel: string) => string> {
  const path = join(directory, 'labels.dat');
  const problem = entries.includes('labels.dat') ? await problemWith(path, 'file') : 'is missing';
  if (problem !== undefined) {
    const mains = channels.filter((channel) => Number(channel) === MAINS_CHANNEL);
    settings.warn(
      `${path} ${problem}: ` +
        (mains.length > 0
          ? 'channel 1 is taken for the mains, as in REDD and UK-DALE, and all others'
          : 'all channels') +
        ' are unknown, which are in no sum',
    );
    return (channel) => (mains.includes(channel) ? MAINS_LABEL : UNKNOWN_LABEL);
  }
  const labels = parseLabels(decoded(await readFile(path)));
  const labelOf = (channel: string): string | undefined => labels.get(channel) ?? labels.get(String(Number(channel)));
  const unlabelled = channels.filter((channel) => labelOf(channel) === undefined);
  if (unlabelled.length > 0) {
    settings.warn(`${path} has no label for channel ${unlabelled.join(', ')}: read as unknown, which is in no sum`);
  }
  const numbers = new Set(channels.map(Number));
  const without = [...labels.keys()].filter((channel) => !numbers.has(Number(channel)));
  if (without.length > 0) {
    settings.warn(`${directory} has labels without a file: channel ${without.join(', ')}`);
  }
  return (channel) => labelOf(channel) ?? UNKNOWN_LABEL;
}

/** By number, without leading zeros. */
function parseLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  for (const line of text.split(/[\r\n]+/)) {
    const match = /^\s*(\d+)[\s,;]+(\S.*?)\s*$/.exec(line.replaceAll('"', ''));
    if (match) {
      labels.set(String(Number(match[1])), match[2] ?? '');
    }
  }
  return labels;
}
