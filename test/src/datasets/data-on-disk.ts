/** Data sets written for a test, and what comes out of them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import type { DataSet, House, RowCounts } from '../../../src/datasets/data-set/data-set.ts';
import type { OpenOptions } from '../../../src/datasets/data-set/open-options.ts';
import { openDataSet } from '../../../src/datasets/open.ts';
import { newRowCounts } from '../../../src/datasets/rows/rows.ts';

/** Contents by path; what is named `.gz` is compressed. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** One reading: ms, index of the channel, W. */
export type Reading = readonly [number, number, number];

export interface Read {
  readonly readings: readonly Reading[];
  readonly counts: RowCounts;
}

const made: string[] = [];

/** A directory with these files, until {@link removeAll}. */
export async function directoryOf(files: Files): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'igrid-data-set-'));
  made.push(directory);
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    await writeFile(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  }
  return directory;
}

export async function removeAll(): Promise<void> {
  for (const directory of made.splice(0)) {
    await rm(directory, { recursive: true });
  }
}

export interface Opened {
  readonly dataSet: DataSet;
  readonly warnings: readonly string[];
}

export async function opened(files: Files, options: OpenOptions = {}): Promise<Opened> {
  const warnings: string[] = [];
  const dataSet = await openDataSet(await directoryOf(files), {
    warn: (message) => void warnings.push(message),
    ...options,
  });
  return { dataSet, warnings };
}

export async function read(house: House, fromMs?: number): Promise<Read> {
  const counts = newRowCounts();
  const readings: Reading[] = [];
  for await (const batch of house.readings({ counts, ...(fromMs !== undefined && { fromMs }) })) {
    for (let index = 0; index < batch.length; index += 1) {
      readings.push([batch.timestamp[index] ?? NaN, batch.channel[index] ?? NaN, batch.power[index] ?? NaN]);
    }
  }
  return { readings, counts };
}

/** The only house of a data set. */
export function houseOf({ dataSet }: Opened): House {
  const [house, ...others] = dataSet.houses;
  if (!house || others.length > 0) {
    throw new Error(`${dataSet.houses.length} houses instead of one`);
  }
  return house;
}

/** Everything of a data set with one house. */
export async function readAll(files: Files, options: OpenOptions = {}): Promise<Read> {
  return read(houseOf(await opened(files, options)));
}

/** Rejected rows by reason. */
export function rejected({ counts }: Read): Record<string, number> {
  return Object.fromEntries(counts.rejected);
}

/** Where two lists of readings differ first, in words; undefined when they are the same. Jest's own comparison is slow. */
export function difference(actual: readonly Reading[], expected: readonly Reading[]): string | undefined {
  for (let index = 0; index < Math.max(actual.length, expected.length); index += 1) {
    const [one, other] = [actual[index]?.join(' '), expected[index]?.join(' ')];
    if (one !== other) {
      return `reading ${index} is ${one} instead of ${other}`;
    }
  }
  return undefined;
}
