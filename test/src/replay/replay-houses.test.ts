import { symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { parseCommandLine } from '../../../src/replay/command-line.ts';
import { DATA_SETS_OF_THE_SAMPLE, openNamed, replayHouses } from '../../../src/replay/replay-houses.ts';
import { directoryOf, type Files, removeAll } from '../datasets/data-on-disk.ts';

afterAll(removeAll);
jest.setTimeout(60_000);

/** A local midnight of Boston's, s. */
const T = 1_303_099_200;
const rows = (...seconds: number[]): string => seconds.map((second) => `${second} 100\n`).join('');
const redd: Files = { 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': rows(T, T + 3) };
const greend: Files = {
  'labels.json': '{"building0": ["fridge"]}',
  'building0/dataset_2014-03-10.csv': 'timestamp,000D6F0000000001\n1394406000,1\n',
};

async function told(files: Files, options: { maxPowerW?: number; reddTimezone?: string } = {}) {
  const warnings: string[] = [];
  const { reddTimezone, maxPowerW } = options;
  const found = await replayHouses(
    { redd: await directoryOf(files), reddTimezone },
    { maxPowerW, warn: (message) => void warnings.push(message) },
  );
  return { ...found, warnings };
}

describe('the data sets of a replay', () => {
  test('are one of each layout', async () => {
    const named = { redd: await directoryOf(redd), greend: await directoryOf(greend) };
    expect((await openNamed(named)).map(({ name }) => name)).toEqual(['REDD', 'GREEND']);
    expect((await replayHouses(DATA_SETS_OF_THE_SAMPLE)).houses).toHaveLength(4);
  });

  test('are refused when both are of one layout, whose houses would have the same ids', async () => {
    const [one, other] = [await directoryOf(redd), await directoryOf(redd)];
    await expect(openNamed({ redd: one, greend: other })).rejects.toThrow(
      `--greend ${other} is laid out as REDD, whose houses would have the ids of another data set: name it with --redd`,
    );
    await expect(replayHouses({ redd: await directoryOf(greend) })).rejects.toThrow(/is laid out as GREEND.*--greend$/);
  });

  test('are refused when they are one directory, by whatever path', async () => {
    const directory = await directoryOf(redd);
    const link = join(await directoryOf({ notes: 'x' }), 'link');
    await symlink(directory, link);
    for (const path of [directory, `${directory}/`, relative(process.cwd(), directory), link]) {
      await expect(openNamed({ redd: directory, greend: path })).rejects.toThrow(
        /are one directory: name a data set once/,
      );
    }
  });

  test('are not named twice on the command line, where one of them would be forgotten', () => {
    const args = ['--brokers', 'localhost:9092', '--redd', 'a', '--redd', 'b'];
    expect(() => parseCommandLine(args)).toThrow(/It is given twice, as a and as b/);
  });

  test('have the most power and the time zone that the command line says', () => {
    const args = ['--brokers', 'localhost:9092', '--max-power', '100', '--redd-timezone', 'Europe/London'];
    expect(parseCommandLine(args)).toMatchObject({ maxPower: 100, reddTimezone: 'Europe/London' });
    expect(() => parseCommandLine([...args, '--greend-timezone', 'Europe/Lodnon'])).toThrow(/IANA time zone/);
    expect(() => parseCommandLine([...args, '--max-power', '0'])).toThrow(/above 0/);
  });
});

describe('the houses of a replay', () => {
  test('are those with readings: the others are left out, with the reasons of their rows', async () => {
    const { houses, warnings } = await told({
      ...redd,
      'house_2/labels.dat': '1 mains\n',
      'house_2/channel_1.dat': rows(T * 1000, T * 1000 + 1_000),
    });
    expect(houses.map(({ house }) => house.id)).toEqual(['1']);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^REDD .*: house 2 has no usable readings: of 2 rows future_clock 2: the house is left out$/,
      ),
    ]);
  });

  test('must be one at least', async () => {
    const files = { ...redd, 'house_1/channel_3.dat': rows(T * 1000) };
    await expect(told(files)).rejects.toThrow(/house 1 has no usable readings: of 1 rows future_clock 1$/);
  });

  test('are reported when they are silent for long, with the share of readings that is replayed', async () => {
    const { houses, warnings } = await told({ ...redd, 'house_1/channel_3.dat': rows(T, T + 3, T + 2_678_400) });
    expect(houses[0]?.loop).toMatchObject({ days: 32, silentDays: 30 });
    expect(warnings).toEqual([
      expect.stringMatching(/^house 1 of REDD .* is silent on 30 of the 32 days .* hold 100\.00 % of its readings$/),
    ]);
  });

  test('are reported when rows are rejected', async () => {
    const { warnings } = await told({ ...redd, 'house_1/channel_3.dat': `${rows(T, T + 3)}x\n${T + 4} -1\n` });
    expect(warnings).toEqual([expect.stringMatching(/^house 1 of REDD: of 4 rows .* cut_row 1, negative_power 1 \(/)]);
  });

  test('begin at the midnight of the time zone that is given, and obey the most power that is given', async () => {
    const { houses, warnings } = await told(redd, { reddTimezone: 'Europe/London', maxPowerW: 100 });
    // 04:00 in London is 05:00 there in summer.
    expect(houses[0]?.loop.startMs).toBe((T - 5 * 3_600) * 1000);
    expect(warnings).toEqual([]);
    await expect(told(redd, { maxPowerW: 99 })).rejects.toThrow(/absurd_power 2$/);
  });
});
