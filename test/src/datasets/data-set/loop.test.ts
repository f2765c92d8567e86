import { afterAll, describe, expect, test } from '@jest/globals';

import { DataSetError } from '../../../../src/datasets/data-set/errors.ts';
import { type HouseLoop, loopOf, midnightOf, spanOf } from '../../../../src/datasets/data-set/loop.ts';
import { houseOf, opened, removeAll } from '../data-on-disk.ts';

afterAll(removeAll);

const BOSTON = 'America/New_York';
const ROME = 'Europe/Rome';
const at = (iso: string): number => Date.parse(iso);

/** Readings at these instants, in seconds since the epoch, as a house of REDD's. */
async function loopAt(seconds: readonly number[], zone = BOSTON): Promise<HouseLoop> {
  const rows = seconds.map((second) => `${second} 5\n`).join('');
  const files = { 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': rows };
  return loopOf(houseOf(await opened(files, { timeZone: zone })), zone);
}

/** The loop of a house with readings at these instants. */
async function loop(...instants: string[]): Promise<string> {
  const { startMs, days } = await loopAt(instants.map((iso) => at(iso) / 1000));
  return `${new Date(startMs).toISOString()} ${days}`;
}

/** Instants from one to another, both included, s. */
function every(step: number, from: string, to: string): number[] {
  const [first, last] = [at(from) / 1000, at(to) / 1000];
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

describe('the loop of a house', () => {
  test('holds the local days from the first reading to the last one', async () => {
    expect(await loop('2011-04-18T13:22:09Z', '2011-04-21T03:00:00Z')).toBe('2011-04-18T04:00:00.000Z 3');
    expect(await loop('2011-04-18T13:22:09Z', '2011-04-21T05:00:00Z')).toBe('2011-04-18T04:00:00.000Z 4');
    expect(await loop('2011-04-18T13:00:00Z')).toBe('2011-04-18T04:00:00.000Z 1');
  });

  test('has nearly all readings of a day that begins a minute after midnight and ends seconds after the next', async () => {
    const seconds = every(3, '2011-04-18T04:01:00Z', '2011-04-19T04:00:05Z');
    expect(await loopAt(seconds)).toMatchObject({
      days: 1,
      silentDays: 0,
      readings: seconds.length - 2,
      allReadings: seconds.length,
    });
    // The small input of the report: an hourly meter, a minute after the hour at first.
    const hourly = [at('2011-04-18T04:01:00Z') / 1000, ...every(3_600, '2011-04-18T05:00:00Z', '2011-04-19T04:00:00Z')];
    expect(await loopAt(hourly)).toMatchObject({ days: 1, readings: 24, allReadings: 25 });
  });

  test.each([
    ['a minute', '2011-04-18T13:00:00Z', '2011-04-18T13:01:00Z', 1],
    ['ten minutes around midnight', '2011-04-19T03:55:00Z', '2011-04-19T04:05:00Z', 2],
    ['seconds around midnight', '2011-04-19T03:59:50Z', '2011-04-19T04:00:10Z', 2],
    ['a night', '2011-04-18T23:00:00Z', '2011-04-19T10:00:00Z', 2],
    ['a second', '2011-04-18T13:00:00Z', '2011-04-18T13:00:00Z', 1],
  ])('has all readings of %s', async (_, from, to, days) => {
    const seconds = every(1, from, to);
    const { readings, ...found } = await loopAt(seconds);
    expect(readings).toBe(seconds.length);
    expect(found.days).toBe(days);
  });

  test.each([
    ['2011-04-18T04:00:00Z', '2011-04-19T04:00:00Z'],
    ['2011-04-18T04:00:00Z', '2011-04-19T04:00:30Z'],
    ['2011-04-18T03:59:30Z', '2011-04-19T03:59:59Z'],
    ['2011-04-18T03:59:59Z', '2011-04-19T04:00:10Z'],
  ])('is one day from %s to %s: readings of seconds beyond a midnight are no reason for another', async (from, to) => {
    const inner = every(60, '2011-04-18T04:00:00Z', '2011-04-19T03:59:00Z');
    const found = await loopAt([at(from) / 1000, ...inner, at(to) / 1000]);
    expect(new Date(found.startMs).toISOString()).toBe('2011-04-18T04:00:00.000Z');
    expect(found).toMatchObject({ days: 1, silentDays: 0 });
  });

  test('has a second day for seconds after its midnight that are more than a tenth of all readings', async () => {
    const seconds = [
      ...every(1, '2011-04-18T04:00:00Z', '2011-04-18T04:00:04Z'),
      ...every(1, '2011-04-19T04:00:00Z', '2011-04-19T04:00:04Z'),
    ];
    expect(await loopAt(seconds)).toMatchObject({ days: 2, readings: 10, allReadings: 10 });
  });

  test('of one more minute has another day, which counts as silent', async () => {
    const seconds = every(1, '2011-04-18T04:00:00Z', '2011-04-19T04:01:00Z');
    expect(await loopAt(seconds)).toMatchObject({ days: 2, silentDays: 1, readings: seconds.length });
  });

  test.each([
    ['23 h, in Boston', BOSTON, '2011-03-13T05:00:00Z', '2011-03-14T03:59:59Z', 1, 3_600_000],
    ['25 h, in Boston', BOSTON, '2011-11-06T04:00:00Z', '2011-11-07T04:59:59Z', 1, -3_600_000],
    ['24, 25 and 24 h, in Rome', ROME, '2014-10-24T22:00:00Z', '2014-10-27T22:59:59Z', 3, -3_600_000],
    ['23.5 h, on Lord Howe', 'Australia/Lord_Howe', '2013-10-05T13:30:00Z', '2013-10-06T12:59:59Z', 1, 1_800_000],
    [
      '23 h that begin at one, in Sao Paulo',
      'America/Sao_Paulo',
      '2013-10-20T03:00:00Z',
      '2013-10-21T01:59:59Z',
      1,
      3_600_000,
    ],
  ])('holds all readings of local days of %s, as so many days', async (_, zone, from, to, days, byMs) => {
    const seconds = every(60, from, to);
    const found = await loopAt(seconds, zone);
    expect(found).toMatchObject({ days, silentDays: 0, readings: seconds.length, startMs: at(from) });
    expect(found.changes.map((change) => change.byMs)).toEqual([byMs]);
    const { fromMs, toMs } = spanOf(found);
    expect([fromMs, toMs - 1_000]).toEqual([at(from), at(to)]);
  });

  test('sleeps through a gap of 31 days, and says how many days are silent', async () => {
    expect(await loopAt([1_303_099_200, 1_303_102_800, 1_305_777_600, 1_305_781_200])).toMatchObject({
      days: 32,
      readings: 4,
      silentDays: 30,
    });
  });

  test('is refused for a house without a usable row, with the reasons of its rows', async () => {
    const house = houseOf(await opened({ 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': 'x\n1 1\n' }));
    await expect(loopOf(house, BOSTON)).rejects.toThrow(DataSetError);
    await expect(loopOf(house, BOSTON)).rejects.toThrow(/no usable readings: of 2 rows cut_row 1, unset_clock 1$/);
  });
});

describe('the extent of a house', () => {
  test('is from the first to the last reading over all channels, plain or zipped, sorted or not', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => `${1_303_132_929 + row} 5\n`);
    const files = {
      'house_1/channel_1.dat': [...rows.slice(2), ...rows.slice(0, 2)].join(''),
      'house_1/channel_2.dat.gz': rows.slice(5).join('') + '1303152950 5\n1303152949 5\n1303152999 -5\n',
    };
    expect(await houseOf(await opened(files)).extent()).toMatchObject({
      firstMs: 1_303_132_929_000,
      lastMs: 1_303_152_950_000,
    });
  });

  test('of a building looks at the file that ends last, also when that one holds nothing usable', async () => {
    const header = 'timestamp,000D6F00029C2918\n';
    const files = {
      'labels.json': '{"building0": ["TV"]}',
      'building0/dataset_2013-12-07.csv': `${header}1386370800.5,1\n1386450000.25,1\n`,
      'building0/dataset_2013-12-08.csv': `${header}1386460800,-1\n1386460801,x\n1386460802,NULL\n`,
      'building0/dataset_2013-12-09.csv': '',
    };
    expect(await houseOf(await opened(files)).extent()).toMatchObject({
      firstMs: 1_386_370_800_500,
      lastMs: 1_386_450_000_250,
    });
  });
});

describe('a local midnight', () => {
  test.each([
    [BOSTON, '2012-01-18T04:59:59.999Z', 0, '2012-01-17T05:00:00.000Z'],
    [BOSTON, '2012-01-18T05:00:00.000Z', 0, '2012-01-18T05:00:00.000Z'],
    [ROME, '2013-12-31T23:30:00.500Z', 0, '2013-12-31T23:00:00.000Z'],
    [ROME, '2013-12-31T22:30:00.500Z', 1, '2013-12-31T23:00:00.000Z'],
  ])('of %s at %s, %i days later, is %s', (zone, instant, daysLater, midnight) => {
    expect(new Date(midnightOf(at(instant), zone, daysLater)).toISOString()).toBe(midnight);
  });

  test.each([
    [BOSTON, '2011-03-13T12:00:00Z', 23],
    [BOSTON, '2011-11-06T12:00:00Z', 25],
    [ROME, '2014-03-30T12:00:00Z', 23],
    [ROME, '2014-10-26T12:00:00Z', 25],
    [ROME, '2014-10-27T12:00:00Z', 24],
  ])('of %s on the day of %s is %i h before the next one', (zone, noon, hours) => {
    expect((midnightOf(at(noon), zone, 1) - midnightOf(at(noon), zone, 0)) / 3_600_000).toBe(hours);
  });
});
