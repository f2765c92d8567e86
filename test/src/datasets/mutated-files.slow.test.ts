/** Data files that anything may have happened to, against an independent reader: each row is accounted for. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { afterEach, describe, expect, jest, test } from '@jest/globals';

import { randomFrom } from '../../../src/core/random.ts';
import type { House } from '../../../src/datasets/data-set/data-set.ts';
import { loopOf } from '../../../src/datasets/data-set/loop.ts';
import { openDataSet } from '../../../src/datasets/open.ts';
import { difference, directoryOf, read, removeAll } from './data-on-disk.ts';
import { greendText, mutated, oneOf, type Random, reddText } from './mutations.ts';
import { type PlainRead, plugsOfBuilding, readBuildingPlainly, readReddPlainly } from './plain-reader.ts';

afterEach(removeAll);
jest.setTimeout(300_000);

/** A thousand in all: two to three files in each of these houses. */
const HOUSES = 200;
const PLUGS = ['000D6F0000000001', '000D6F0000000002', '000D6F0000000003'];

interface Made {
  readonly path: string;
  /** What is in it, as far as it can be decompressed to its end. */
  readonly text: string | undefined;
}

/** Writes a file, compressed now and then, and now and then damaged after that. */
async function written(random: Random, directory: string, name: string, text: string): Promise<Made> {
  const bytes = Buffer.from(text, 'latin1');
  if (random() < 0.6) {
    await writeFile(join(directory, name), bytes);
    return { path: name, text };
  }
  const zipped = gzipSync(bytes);
  if (random() < 0.4) {
    const place = Math.floor(random() * zipped.length);
    zipped[place] = (zipped[place] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  const kept = random() < 0.15 ? zipped.subarray(0, Math.floor(random() * zipped.length)) : zipped;
  await writeFile(join(directory, `${name}.gz`), kept);
  return { path: `${name}.gz`, text: kept.length === 0 ? undefined : unzipped(kept) };
}

function unzipped(bytes: Buffer): string | undefined {
  try {
    return gunzipSync(bytes).toString('latin1');
  } catch {
    return undefined;
  }
}

/** The only house, or undefined when the data set is refused for want of readings. */
async function openHouse(directory: string, warnings: string[]): Promise<House | undefined> {
  try {
    const { houses } = await openDataSet(directory, { warn: (message) => void warnings.push(message) });
    return houses[0];
  } catch (error) {
    expect(String(error)).toMatch(/^DataSetError: [^\n]* holds no readings: [^\n]+$/);
    return undefined;
  }
}

async function compare(house: House, plain: PlainRead, random: Random, timeZone: string): Promise<void> {
  const { readings, counts } = await read(house);
  const used = plain.rows - Object.values(plain.rejected).reduce((sum, rows) => sum + rows, 0);
  expect(Object.fromEntries(counts.rejected)).toEqual(plain.rejected);
  expect(counts).toMatchObject({ rows: plain.rows, readings: plain.readings.length, missing: plain.missing });
  const rounded = plain.readings.map(([ms, channel, power]) => [ms, channel, Math.fround(power)] as const);
  expect(difference(readings, rounded)).toBeUndefined();
  expect(used).toBeGreaterThanOrEqual(0);
  for (let seek = 0; seek < 3; seek += 1) {
    const [ms = 0] = readings[Math.floor(random() * readings.length)] ?? [];
    const fromMs = ms + Math.floor((random() - 0.5) * 1_000_000);
    const sought = (await read(house, fromMs)).readings;
    expect(
      difference(
        sought,
        readings.filter(([at]) => at >= fromMs),
      ),
    ).toBeUndefined();
  }
  if (readings.length === 0) {
    return;
  }
  const { days, silentDays } = await loopOf(house, timeZone);
  expect(days).toBeGreaterThan(silentDays);
  expect((days - 2) * 86_400_000).toBeLessThanOrEqual((readings.at(-1)?.[0] ?? 0) - (readings[0]?.[0] ?? 0));
}

/** Says of which seed it was when something is wrong. */
async function withSeed(seed: number, check: (random: Random) => Promise<void>): Promise<void> {
  try {
    await check(randomFrom(seed));
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

describe('a thousand damaged files', () => {
  test('of REDD are read as an independent reader reads them, from any instant on', async () => {
    let files = 0;
    for (let seed = 1; seed <= HOUSES; seed += 1) {
      await withSeed(seed, async (random) => {
        const directory = await directoryOf({ 'house_1/labels.dat': '1 mains\n2 mains\n3 oven\n' });
        const made: Made[] = [];
        for (const channel of [1, 2, 3].slice(0, oneOf(random, [2, 3]))) {
          const text = mutated(reddText(random), random);
          made.push(await written(random, join(directory, 'house_1'), `channel_${channel}.dat`, text));
        }
        files += made.length;
        const warnings: string[] = [];
        const house = await openHouse(directory, warnings);
        if (!house) {
          return;
        }
        const channels = made.map(({ text = '' }) => text);
        await compare(house, readReddPlainly(channels), random, 'America/New_York');
        expectNamed(made, warnings);
      });
      await removeAll();
    }
    expect(files).toBeGreaterThan(450);
  });

  test('of GREEND are read as an independent reader reads them, from any instant on', async () => {
    let files = 0;
    for (let seed = 1; seed <= HOUSES; seed += 1) {
      await withSeed(seed, async (random) => {
        const directory = await directoryOf({ 'labels.json': '{"building0": ["fridge", "TV", "radio"]}' });
        const made: Made[] = [];
        await mkdir(join(directory, 'building0'));
        for (const day of [1, 2, 3].slice(0, oneOf(random, [2, 3]))) {
          const text = mutated(greendText(random, PLUGS), random);
          made.push(await written(random, join(directory, 'building0'), `dataset_2014-03-1${day}.csv`, text));
        }
        files += made.length;
        const warnings: string[] = [];
        const house = await openHouse(directory, warnings);
        const texts = made.flatMap(({ text }) => (text === undefined ? [] : [text]));
        const plugs = plugsOfBuilding(texts, PLUGS.length);
        expect(house?.channels.length ?? 0).toBe(plugs.length);
        if (!house) {
          return;
        }
        await compare(house, readBuildingPlainly(texts, plugs), random, 'Europe/Rome');
        expectNamed(made, warnings);
      });
      await removeAll();
    }
    expect(files).toBeGreaterThan(450);
  });
});

/** Each file that can't be read to its end is named, and no other as one that can't. */
function expectNamed(made: readonly Made[], warnings: readonly string[]): void {
  const leftOut = warnings.filter((warning) => warning.endsWith(': the file is left out')).join('\n');
  for (const { path, text } of made) {
    if (text === undefined) {
      expect(leftOut).toContain(path);
    } else {
      expect(leftOut).not.toContain(path);
    }
  }
}
