/**
 * GREEND: `buildingN/dataset_YYYY-MM-DD.csv` with a column per plug, and `labels.json` beside the buildings with a list
 * of labels for each, in column order.
 *
 * Monacchi et al., "GREEND: An Energy Consumption Dataset of Households in Italy and Austria", SmartGridComm 2014.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { Channel, Extent, House, ReadingBatch, RowCounts } from './data-set.ts';
import { DataSetError, messageOf } from './errors.ts';
import { firstInstant, lastInstant } from './extent.ts';
import { GreendRows } from './greend-rows.ts';
import { survey, type DayFile, type Survey } from './greend-survey.ts';
import { mergeRows, type MergeSource } from './merge.ts';
import type { ReadSettings } from './open-options.ts';
import { RowFile } from './row-file.ts';
import { RowWindow } from './row-window.ts';
import { newRowCounts, type RowLimits } from './rows.ts';

/** Italy's; Austria's clocks are the same. */
export const GREEND_TIME_ZONE = 'Europe/Rome';

const BUILDING = /^building(\d+)$/;
const DAY_FILE = /^dataset_.*\.csv(?:\.gz)?$/;
const UNKNOWN_LABEL = 'unknown';
/** A file holds a day. One that starts more than two days before an instant has nothing at or after it. */
const LONGEST_FILE_MS = 48 * 60 * 60 * 1_000;

const Labels = z.record(z.string(), z.array(z.string()));

/** Whether a directory's entries look like buildings of GREEND. */
export function looksLikeGreend(entries: readonly string[]): boolean {
  return entries.some((entry) => BUILDING.test(entry));
}

/**
 * The buildings that have readings, by number.
 *
 * @throws DataSetError naming labels.json when it is no such file, or a day file that can't be read.
 */
export async function openGreendHouses(directory: string, settings: ReadSettings): Promise<readonly House[]> {
  const numbers = (await readdir(directory)).flatMap((entry) => BUILDING.exec(entry)?.[1] ?? []);
  const labels = await readLabels(directory, settings);
  const houses: House[] = [];
  for (const number of numbers.sort((a, b) => Number(a) - Number(b))) {
    const name = `building${number}`;
    const files = (await readdir(join(directory, name))).filter((entry) => DAY_FILE.test(entry)).sort();
    // Of a file and its compressed copy the first is read, which needs no decompression.
    const paths = files.filter((file) => !(file.endsWith('.gz') && files.includes(file.slice(0, -'.gz'.length))));
    const found = await survey(
      paths.map((file) => join(directory, name, file)),
      Date.now(),
    );
    const plugs = channelsOf(found.headers, labels?.[name] ?? []);
    if (plugs.size === 0) {
      settings.warn(`${join(directory, name)} holds no dataset_YYYY-MM-DD.csv with readings: left out`);
      continue;
    }
    const unknown = [...plugs].filter(([, channel]) => channel.label === UNKNOWN_LABEL).map(([plug]) => plug);
    if (labels && unknown.length > 0) {
      settings.warn(
        `${join(directory, 'labels.json')} has no label for ${name}'s plug ${unknown.join(', ')}: read as unknown`,
      );
    }
    houses.push(new GreendHouse(number, plugs, found, settings));
  }
  return houses;
}

async function readLabels(directory: string, settings: ReadSettings): Promise<Record<string, string[]> | undefined> {
  const path = join(directory, 'labels.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    settings.warn(`${path} is missing, so all plugs are read as unknown: it lists the labels of each building`);
    return undefined;
  }
  try {
    return Labels.parse(JSON.parse(text));
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
 * plugs. Plugs that it does not have follow, without a label.
 */
export function channelsOf(
  headers: readonly (readonly string[])[],
  labels: readonly string[],
): ReadonlyMap<string, Channel> {
  const widest = [...headers].sort((a, b) => b.length - a.length)[0] ?? [];
  const described = headers.find((header) => header.length === labels.length) ?? widest;
  const plugs = new Set([...described, ...headers.flat()]);
  return new Map(
    [...plugs].map((plug, index) => [
      plug,
      { id: String(index + 1), label: (index < described.length ? labels[index] : undefined) ?? UNKNOWN_LABEL },
    ]),
  );
}

class GreendHouse implements House {
  readonly id: string;
  readonly channels: readonly Channel[];
  readonly #channelOf: ReadonlyMap<string, number>;
  readonly #files: readonly DayFile[];
  readonly #settings: ReadSettings;

  constructor(id: string, plugs: ReadonlyMap<string, Channel>, found: Survey, settings: ReadSettings) {
    this.id = id;
    this.channels = [...plugs.values()];
    this.#channelOf = new Map([...plugs.keys()].map((plug, index) => [plug, index]));
    this.#files = found.files;
    this.#settings = settings;
  }

  readings(options: { fromMs?: number; counts?: RowCounts } = {}): AsyncGenerator<ReadingBatch, void, undefined> {
    const { fromMs = -Infinity, counts = newRowCounts() } = options;
    const limits: RowLimits = { fromMs, latestMs: Date.now(), maxPowerW: this.#settings.maxPowerW };
    const width = this.channels.length;
    const sources = this.#files
      .filter((file) => fromMs === -Infinity || file.firstMs + LONGEST_FILE_MS >= fromMs)
      .map(({ path, firstMs }): MergeSource => ({
        notBeforeMs: firstMs,
        firstChannel: 0,
        width,
        open: () => {
          const window = new RowWindow(width);
          const rows = new GreendRows(window, counts, limits, this.#channelOf);
          return RowFile.open(path, window, (bytes, length) => rows.take(bytes, length), counts);
        },
      }));
    return mergeRows(sources, true, counts);
  }

  async extent(): Promise<Extent | undefined> {
    const firstMs = await firstInstant(this.readings());
    if (firstMs === undefined) return undefined;
    // The last reading is in the file that starts last, unless that one holds no usable row.
    for (const file of this.#files.toReversed()) {
      const lastMs = await lastInstant(this.readings({ fromMs: file.firstMs }));
      if (lastMs !== undefined) return { firstMs, lastMs };
    }
    return undefined;
  }
}
