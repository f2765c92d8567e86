import { afterAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';

import { loopOf } from '../../../src/datasets/data-set/loop.ts';
import { type Files, houseOf, type Opened, opened, read, rejected, removeAll } from './data-on-disk.ts';

afterAll(removeAll);
jest.setTimeout(60_000);

const BOSTON = 'America/New_York';
/** A local midnight of Boston's, s. */
const MIDNIGHT = 1_303_099_200;
const DAY = 86_400;
const YEAR = 365 * DAY;
const PLUG = '000D6F0000000001';

const rows = (seconds: readonly number[]): string => seconds.map((second, row) => `${second} ${row % 100}\n`).join('');
const every = (step: number, from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index * step);
const redd = (text: string): Files => ({ 'house_1/labels.dat': '3 refrigerator\n', 'house_1/channel_3.dat': text });
const dayFile = (seconds: readonly number[]): string =>
  `timestamp,${PLUG}\n${seconds.map((second) => `${second}.5,${second % 100}\n`).join('')}`;

async function loop(found: Opened): Promise<{ days: number; readings: number; silentDays: number }> {
  const { days, readings, silentDays } = await loopOf(houseOf(found), found.dataSet.timeZone);
  return { days, readings, silentDays };
}

describe('a wrong but believable clock', () => {
  const hourly = every(3_600, MIDNIGHT, 24);

  test.each([
    ['early, at the start', [MIDNIGHT - 474 * DAY, ...hourly]],
    ['late, at the end', [...hourly, MIDNIGHT + 3_181 * DAY]],
    ['early, in the middle', [...hourly.slice(0, 12), MIDNIGHT - 2 * YEAR, ...hourly.slice(12)]],
    ['late, in the middle', [...hourly.slice(0, 12), MIDNIGHT + 5 * YEAR, ...hourly.slice(12)]],
  ])('%s, once, changes nothing but its own row', async (_, seconds) => {
    const found = await opened(redd(rows(seconds)));
    expect(await loop(found)).toEqual({ days: 1, readings: 24, silentDays: 0 });
    const result = await read(houseOf(found));
    expect(rejected(result)).toEqual({ stray_clock: 1 });
    expect(result.readings).toHaveLength(24);
    expect(found.warnings).toEqual([
      expect.stringMatching(/house_1 has rows whose clock is far.*channel_3\.dat 1 \(20/),
    ]);
  });

  test.each([
    ['a few hundred rows of a clock that starts at 2009', every(1, Date.UTC(2009, 0, 1) / 1000, 400)],
    ['a whole day of one that starts at 2010', every(60, Date.UTC(2010, 0, 1) / 1000, 1_440)],
    ['five days of one', every(60, Date.UTC(2010, 0, 1) / 1000, 7_200)],
    ['a row a day for years', every(DAY, MIDNIGHT - 4 * YEAR, 1_400)],
    ['more late rows than the window of order holds', every(1, MIDNIGHT + 2 * YEAR, 6_000)],
  ])('is told from the others: %s', async (_, strays) => {
    const good = every(60, MIDNIGHT, 10 * 1_440);
    for (const at of [0, 7_000, good.length]) {
      const found = await opened(redd(rows([...good.slice(0, at), ...strays, ...good.slice(at)])));
      expect(await loop(found)).toEqual({ days: 10, readings: good.length, silentDays: 0 });
      const result = await read(houseOf(found));
      expect(rejected(result)).toEqual({ stray_clock: strays.length });
      expect(result.counts).toMatchObject({ rows: good.length + strays.length, readings: good.length });
    }
  });

  test('never stretches a loop, however many there are and wherever they stand', async () => {
    const good = every(300, MIDNIGHT, 3 * 288);
    const stray = fc
      .integer({ min: 2 * YEAR, max: 9 * YEAR })
      .chain((by) => fc.constantFrom(MIDNIGHT + by, MIDNIGHT - by));
    const placed = fc.array(fc.tuple(fc.nat(good.length), stray), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(placed, async (strays) => {
        const mixed = good.map((second): number[] => [second]);
        for (const [at, second] of strays) {
          (mixed[at] ?? mixed[0] ?? []).push(second);
        }
        const found = await opened(redd(rows(mixed.flat())));
        expect(await loop(found)).toEqual({ days: 3, readings: good.length, silentDays: 0 });
        expect(rejected(await read(houseOf(found)))).toEqual(strays.length === 0 ? {} : { stray_clock: strays.length });
      }),
      { numRuns: 40 },
    );
  });

  test('in one channel leaves the others alone, and its file is named', async () => {
    const files = {
      'house_1/labels.dat': '1 mains\n2 mains\n3 oven\n',
      'house_1/channel_1.dat': rows(every(60, MIDNIGHT, 1_440)),
      'house_1/channel_2.dat': rows([...every(60, MIDNIGHT, 1_440), MIDNIGHT + 3 * YEAR]),
    };
    const found = await opened(files);
    expect(await loop(found)).toEqual({ days: 1, readings: 2_880, silentDays: 0 });
    expect(found.warnings.join()).toMatch(/channel_2\.dat 1 /);
    expect(found.warnings.join()).not.toMatch(/channel_1\.dat/);
  });

  test('names a day file wrong and fills it: a building is as long as its other files', async () => {
    const files: Files = {
      'labels.json': '{"building0": ["fridge"]}',
      ...Object.fromEntries(
        [0, 1, 2].map((day) => [
          `building0/dataset_2014-03-1${day}.csv`,
          dayFile([...every(1, Date.UTC(2008, 0, 1) / 1000, 60), ...every(60, 1_394_406_000 + day * DAY, 1_440)]),
        ]),
      ),
      'building0/dataset_2008-01-05.csv': dayFile(every(60, Date.UTC(2008, 0, 5) / 1000, 1_440)),
    };
    const found = await opened(files);
    expect(await loop(found)).toEqual({ days: 3, readings: 3 * 1_440, silentDays: 0 });
    expect(rejected(await read(houseOf(found)))).toEqual({ stray_clock: 3 * 60 + 1_440 });
  });
});

describe('a gap that data have', () => {
  test.each([
    ['31 days, with a quarter of a day after it', 31, 360],
    ['half a year, with a day after it', 182, 1_440],
    ['a day, with an hour after it', 1, 60],
  ])('of %s is believed', async (_, gap, after) => {
    const good = [...every(60, MIDNIGHT, 3 * 1_440), ...every(60, MIDNIGHT + (3 + gap) * DAY, after)];
    const found = await opened(redd(rows(good)));
    expect(await loop(found)).toEqual({ days: 4 + gap, readings: good.length, silentDays: gap });
    expect(rejected(await read(houseOf(found)))).toEqual({});
    expect(found.warnings).toEqual([]);
  });

  test('is no stray however slow the only meter beyond it reads', async () => {
    const files = {
      'house_1/labels.dat': '1 mains\n2 mains\n',
      'house_1/channel_1.dat': rows(every(10, MIDNIGHT, 2 * 8_640)),
      'house_1/channel_2.dat': rows(every(120, MIDNIGHT, 60 * 720)),
    };
    const found = await opened(files);
    expect(await loop(found)).toEqual({ days: 60, readings: 2 * 8_640 + 60 * 720, silentDays: 0 });
  });
});

describe('reading from any instant on', () => {
  test('finds what reading from the start finds, with a stale clock at the start of a day file', async () => {
    // The small input of the report: the second file begins with two rows of five days before.
    const hours = (from: number, count: number): number[] => every(3_600, from, count);
    const files: Files = {
      'labels.json': '{"building0": ["fridge"]}',
      'building0/dataset_2014-03-10.csv': dayFile(hours(1_394_406_000, 24)),
      'building0/dataset_2014-03-11.csv': dayFile([1_393_974_000, 1_393_974_001, ...hours(1_394_496_000, 23)]),
      'building0/dataset_2014-03-12.csv': dayFile(hours(1_394_578_800, 24)),
    };
    const house = houseOf(await opened(files));
    const all = (await read(house)).readings;
    for (const ms of [...all.map(([at]) => at), 0, Infinity]) {
      for (const fromMs of [ms - 1, ms, ms + 1]) {
        expect((await read(house, fromMs)).readings).toEqual(all.filter(([at]) => at >= fromMs));
      }
    }
    expect((await read(house, 1_394_406_000_000)).readings).toHaveLength(71);
    expect(await loopOf(house, BOSTON)).toMatchObject({ readings: 73 });
  });

  test('finds it with wrong clocks of hours and days in files of many chunks', async () => {
    const seconds = every(1, MIDNIGHT, 90_000);
    for (let at = 500; at < seconds.length; at += 7_001) {
      seconds[at] = (seconds[at] ?? 0) + ((at % 13) - 6) * 5_000;
    }
    seconds.splice(20_000, 0, ...every(1, MIDNIGHT + 80_000, 5_000));
    const house = houseOf(await opened(redd(rows(seconds))));
    const all = (await read(house)).readings;
    for (const fromMs of every(3_333_000, (MIDNIGHT - 10_000) * 1000, 40)) {
      const sought = (await read(house, fromMs)).readings;
      expect(sought.length).toBe(all.filter(([at]) => at >= fromMs).length);
      expect(sought[0]).toEqual(all.find(([at]) => at >= fromMs));
    }
  });
});
