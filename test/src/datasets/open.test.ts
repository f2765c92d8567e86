import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { DataSetError } from '../../../src/datasets/data-set/errors.ts';
import { openDataSet } from '../../../src/datasets/open.ts';
import { directoryOf, type Files, opened, removeAll } from './data-on-disk.ts';

afterAll(removeAll);

const redd: Files = { 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': '1303132929 1\n' };
const greend: Files = {
  'labels.json': '{"building0": ["TV"]}',
  'building0/dataset_2013-12-08.csv': 'timestamp,000D6F00029C2918\n1386460800,1\n',
};
const below = (directory: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [join(directory, name), content]));

describe('opening a data set', () => {
  test('knows REDD by its houses, with or without low_freq above them', async () => {
    for (const files of [redd, below('low_freq', redd)]) {
      const { dataSet } = await opened(files);
      expect(dataSet).toMatchObject({ name: 'REDD', timeZone: 'America/New_York', houses: [{ id: '1' }] });
    }
  });

  test('knows GREEND by its buildings', async () => {
    const { dataSet } = await opened(greend);
    expect(dataSet).toMatchObject({ name: 'GREEND', timeZone: 'Europe/Rome', houses: [{ id: '0' }] });
  });

  test('gives houses by number, leaving out those without readings, with a warning', async () => {
    const more = { 'house_10/channel_1.dat': '1303132929 1\n', 'house_2/labels.dat': '1 mains\n' };
    const { dataSet, warnings } = await opened({ ...redd, ...more });
    expect(dataSet.houses.map(({ id }) => id)).toEqual(['1', '10']);
    expect(warnings).toContainEqual(expect.stringMatching(/house_2 holds no .*left out/));
  });

  test.each<[string, Files, RegExp]>([
    ['an empty directory', {}, /is empty: name the directory of a data set$/],
    ['neither layout', { 'notes.txt': 'x' }, /is laid out neither as REDD .* nor as GREEND/],
    ['both layouts at once', { ...redd, ...greend }, /holds both REDD houses and GREEND buildings/],
    ['data sets below it', { ...below('a', redd), ...below('b', greend) }, /is no data set.*: name .*a or .*b$/],
    ['houses without files', { 'house_1/notes.txt': 'x' }, /is laid out as REDD but holds no readings/],
    ['empty day files only', { 'building0/dataset_2013-12-08.csv': '' }, /is laid out as GREEND but holds no readings/],
    ['empty channels only', { 'house_1/channel_3.dat': '' }, /is laid out as REDD but holds no readings/],
  ])('refuses %s in one line', async (_, files, message) => {
    const refusal = opened(files);
    await expect(refusal).rejects.toBeInstanceOf(DataSetError);
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toThrow(/^[^\n]+$/);
  });

  test('is refused with the reason when the directory is missing, a file, or one house', async () => {
    const directory = await directoryOf(redd);
    await expect(openDataSet(join(directory, 'none'))).rejects.toThrow(/none does not exist/);
    await expect(openDataSet(join(directory, 'house_1/labels.dat'))).rejects.toThrow(/labels\.dat is a file/);
    await expect(openDataSet(join(directory, 'house_1'))).rejects.toThrow(/is one house .*name the directory above it/);
  });
});
