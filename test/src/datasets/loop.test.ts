import { afterAll, describe, expect, test } from '@jest/globals';

import { DataSetError } from '../../../src/datasets/errors.ts';
import { loopOf, midnightOf } from '../../../src/datasets/loop.ts';
import { houseOf, opened, removeAll } from './data-on-disk.ts';

afterAll(removeAll);

const BOSTON = 'America/New_York';
const ROME = 'Europe/Rome';
const at = (iso: string): number => Date.parse(iso);

/** The loop of a house of REDD with readings at these instants. */
async function loop(...instants: string[]): Promise<string> {
  const rows = instants.map((iso) => `${at(iso) / 1000} 5\n`).join('');
  const house = houseOf(await opened({ 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': rows }));
  const { startMs, days } = await loopOf(house, BOSTON);
  return `${new Date(startMs).toISOString()} ${days}`;
}

describe('the loop of a house', () => {
  test('begins at the first local midnight that its readings hold and lasts to the last one, in days', async () => {
    expect(await loop('2011-04-18T13:22:09Z', '2011-04-21T03:00:00Z')).toBe('2011-04-19T04:00:00.000Z 2');
    expect(await loop('2011-04-18T13:22:09Z', '2011-04-21T05:00:00Z')).toBe('2011-04-19T04:00:00.000Z 3');
  });

  test('begins at the midnight before when the readings hold none', async () => {
    expect(await loop('2011-04-18T13:00:00Z', '2011-04-18T20:00:00Z')).toBe('2011-04-18T04:00:00.000Z 1');
    expect(await loop('2011-04-18T13:00:00Z')).toBe('2011-04-18T04:00:00.000Z 1');
  });

  test('takes a day that begins seconds after midnight for whole, and its closing midnight for no other day', async () => {
    expect(await loop('2011-04-18T04:00:02Z', '2011-04-19T03:59:59Z')).toBe('2011-04-18T04:00:00.000Z 1');
    expect(await loop('2011-04-18T04:00:30Z', '2011-04-19T04:00:00Z')).toBe('2011-04-18T04:00:00.000Z 1');
    expect(await loop('2011-04-18T04:00:31Z', '2011-04-20T04:00:00Z')).toBe('2011-04-19T04:00:00.000Z 1');
  });

  test('is refused for a house without a usable row', async () => {
    const house = houseOf(await opened({ 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': 'x\n' }));
    await expect(loopOf(house, BOSTON)).rejects.toThrow(DataSetError);
  });
});

describe('the extent of a house', () => {
  test('is from the first to the last reading over all channels, plain or zipped, sorted or not', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => `${1_303_132_929 + row} 5\n`);
    const files = {
      'house_1/channel_1.dat': [...rows.slice(2), ...rows.slice(0, 2)].join(''),
      'house_1/channel_2.dat.gz': rows.slice(5).join('') + '1303152950 5\n1303152949 5\n1303152999 -5\n',
    };
    expect(await houseOf(await opened(files)).extent()).toEqual({
      firstMs: 1_303_132_931_000,
      lastMs: 1_303_152_950_000,
    });
  });

  test('of a building looks at the file that ends last, also when that one holds nothing usable', async () => {
    const header = 'timestamp,000D6F00029C2918\n';
    const files = {
      'labels.json': '{"building0": ["TV"]}',
      'building0/dataset_2013-12-07.csv': `${header}1386370800.5,1\n1386450000.25,1\n`,
      'building0/dataset_2013-12-08.csv': `${header}1386460800,-1\n1386460801,x\n`,
      'building0/dataset_2013-12-09.csv': '',
    };
    expect(await houseOf(await opened(files)).extent()).toEqual({
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
