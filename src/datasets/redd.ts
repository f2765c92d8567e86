/**
 * REDD low_freq: `house_N/labels.dat` with lines `M label`, and `house_N/channel_M.dat` with lines `<UTC s> <W>`.
 *
 * Kolter and Johnson, "REDD: A Public Data Set for Energy Disaggregation Research", SustKDD 2011.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Channel, Extent, House, ReadingBatch, RowCounts } from './data-set.ts';
import { firstInstant, lastInstant } from './extent.ts';
import { mergeRows, type MergeSource } from './merge.ts';
import type { ReadSettings } from './open-options.ts';
import { placeOf, placeOfTail } from './redd-seek.ts';
import { takeReddRows } from './redd-rows.ts';
import { RowFile } from './row-file.ts';
import { RowWindow } from './row-window.ts';
import { newRowCounts, type RowLimits } from './rows.ts';

export const REDD_TIME_ZONE = 'America/New_York';

const HOUSE = /^house_(\d+)$/;
const CHANNEL_FILE = /^channel_(\d+)\.dat(?:\.gz)?$/;
const UNKNOWN_LABEL = 'unknown';

/** Whether a directory's entries look like houses of REDD. */
export function looksLikeRedd(entries: readonly string[]): boolean {
  return entries.some((entry) => HOUSE.test(entry));
}

/**
 * The houses of a low_freq directory that have channels, by number.
 *
 * @throws Error when a directory or labels.dat can't be read.
 */
export async function openReddHouses(directory: string, settings: ReadSettings): Promise<readonly House[]> {
  const numbers = (await readdir(directory)).flatMap((entry) => HOUSE.exec(entry)?.[1] ?? []);
  const houses: House[] = [];
  for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
    const house = await openHouse(join(directory, `house_${number}`), number, settings);
    if (house) houses.push(house);
    else settings.warn(`${join(directory, `house_${number}`)} holds no channel_M.dat with readings: left out`);
  }
  return houses;
}

/** @returns undefined when all channels are missing or empty. */
async function openHouse(directory: string, id: string, settings: ReadSettings): Promise<House | undefined> {
  const entries = await readdir(directory);
  const labels = entries.includes('labels.dat')
    ? parseLabels(await readFile(join(directory, 'labels.dat'), 'latin1'))
    : new Map<string, string>();
  const files = new Map<string, string>();
  for (const entry of entries.sort()) {
    const channel = CHANNEL_FILE.exec(entry)?.[1];
    // Of `channel_3.dat` and `channel_3.dat.gz` the first is read, which needs no decompression.
    if (channel !== undefined && !files.has(channel)) files.set(channel, join(directory, entry));
  }
  const sizes = await Promise.all([...files.values()].map(async (path) => (await stat(path)).size));
  if (sizes.every((size) => size === 0)) return undefined;
  const ids = [...files.keys()].sort((a, b) => Number(a) - Number(b));
  const unlabelled = ids.filter((channel) => !labels.has(channel));
  if (unlabelled.length > 0) {
    settings.warn(
      `${join(directory, 'labels.dat')} has no label for channel ${unlabelled.join(', ')}: read as unknown`,
    );
  }
  const without = [...labels.keys()].filter((channel) => !files.has(channel));
  if (without.length > 0) settings.warn(`${directory} has labels without a file: channel ${without.join(', ')}`);
  return new ReddHouse(
    id,
    ids.map((channel) => ({ id: channel, label: labels.get(channel) ?? UNKNOWN_LABEL })),
    ids.map((channel) => files.get(channel) ?? ''),
    settings,
  );
}

function parseLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\S.*?)\s*$/.exec(line);
    if (match) labels.set(match[1] ?? '', match[2] ?? '');
  }
  return labels;
}

class ReddHouse implements House {
  readonly id: string;
  readonly channels: readonly Channel[];
  readonly #paths: readonly string[];
  readonly #settings: ReadSettings;

  constructor(id: string, channels: readonly Channel[], paths: readonly string[], settings: ReadSettings) {
    this.id = id;
    this.channels = channels;
    this.#paths = paths;
    this.#settings = settings;
  }

  readings(options: { fromMs?: number; counts?: RowCounts } = {}): AsyncGenerator<ReadingBatch, void, undefined> {
    const { fromMs = -Infinity, counts } = options;
    return this.#read(fromMs, counts, (path) => (fromMs > -Infinity ? placeOf(path, fromMs) : Promise.resolve(0)));
  }

  async extent(): Promise<Extent | undefined> {
    const firstMs = await firstInstant(this.readings());
    const lastMs = (await lastInstant(this.#read(-Infinity, undefined, placeOfTail))) ?? firstMs;
    return firstMs === undefined || lastMs === undefined ? undefined : { firstMs, lastMs };
  }

  /** @param startOf the byte to begin at in a file without compression. */
  #read(
    fromMs: number,
    counts = newRowCounts(),
    startOf: (path: string) => Promise<number>,
  ): AsyncGenerator<ReadingBatch, void, undefined> {
    const limits: RowLimits = { fromMs, latestMs: Date.now(), maxPowerW: this.#settings.maxPowerW };
    const sources = this.#paths.map((path, channel): MergeSource => ({
      notBeforeMs: -Infinity,
      firstChannel: channel,
      width: 1,
      open: async () => {
        const start = path.endsWith('.gz') ? 0 : await startOf(path);
        const window = new RowWindow(1);
        return RowFile.open(
          path,
          window,
          (bytes, length) => takeReddRows(bytes, length, window, counts, limits),
          counts,
          start,
        );
      },
    }));
    return mergeRows(sources, false, counts);
  }
}
