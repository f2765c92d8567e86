import { spawnSync } from 'node:child_process';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { inspect, toJson } from '../../../tools/inspect/inspect.ts';
import { toText } from '../../../tools/inspect/inspection-text.ts';
import { directoryOf, opened, removeAll } from '../../src/datasets/data-on-disk.ts';

afterAll(removeAll);
jest.setTimeout(60_000);

const T = 1_303_132_929;
const files = {
  'house_1/labels.dat': '1 mains\n5 refrigerator\n6 smoke_alarms\n7 dishwaser\n',
  'house_1/channel_1.dat': `${T} 0\n${T + 1} 100\n${T + 2} 100\n`,
  // 10 s at 200 W, a silence of 100 s that the 20 W after it stand for 30 s of, 10 s at 40 W.
  'house_1/channel_5.dat': `${T} 500\n${T + 10} 200\n${T + 110} 20\n${T + 120} 40\nx\n${T + 120} 9\n`,
  'house_1/channel_6.dat': `${T} 1\n`,
  'house_1/channel_7.dat': `${T} -1\n`,
};

describe('an inspection', () => {
  test('gives time-weighted figures for each channel and the rejected rows by reason', async () => {
    const { dataSet } = await opened(files);
    const ms = (after: number): number => (T + after) * 1000;
    expect(toJson(await inspect(dataSet))).toEqual({
      data_set: 'REDD',
      rows: 11,
      readings: 8,
      missing: 0,
      rejected: { cut_row: 1, duplicate_timestamp: 1, negative_power: 1 },
      houses: [
        {
          house: '1',
          loop: { days: 1, readings: 8, silent_days: 0 },
          rows: 11,
          readings: 8,
          rejected: { cut_row: 1, duplicate_timestamp: 1, negative_power: 1 },
          rejected_by_file: {
            'channel_5.dat': { cut_row: 1, duplicate_timestamp: 1 },
            'channel_7.dat': { negative_power: 1 },
          },
          channels: [
            {
              channel: '1',
              label: 'mains',
              name: 'mains',
              type: 'mains',
              role: 'mains',
              readings: 3,
              first: ms(0),
              last: ms(2),
              mean_w: 100,
              duty_cycle: 1,
              coverage: 1,
            },
            {
              channel: '5',
              label: 'refrigerator',
              name: 'refrigerator',
              type: 'refrigeration',
              role: 'appliance',
              readings: 4,
              first: ms(0),
              last: ms(120),
              mean_w: (10 * 200 + 30 * 20 + 10 * 40) / 50,
              duty_cycle: 20 / 50,
              coverage: 50 / 120,
            },
            {
              channel: '6',
              label: 'smoke_alarms',
              name: 'smoke alarms',
              type: 'safety',
              role: 'appliance',
              readings: 1,
              first: ms(0),
              last: ms(0),
              mean_w: null,
              duty_cycle: null,
              coverage: null,
            },
            {
              channel: '7',
              label: 'dishwaser',
              name: 'dishwasher',
              type: 'dishwashing',
              role: 'appliance',
              readings: 0,
              first: null,
              last: null,
              mean_w: null,
              duty_cycle: null,
              coverage: null,
            },
          ],
        },
      ],
    });
  });

  test('reads well: sums, gaps, roles and local times', async () => {
    const text = toText(await inspect((await opened(files)).dataSet));
    expect(text).toContain('11 rows = 8 used + 3 rejected');
    expect(text).toContain('\nA replay repeats after 1 day, 0 of them silent, with 8 of 8 readings\n');
    expect(text).toContain('\n  channel_5.dat: cut_row 1, duplicate_timestamp 1\n');
    expect(text).toMatch(
      /^ 5 {2}refrigerator .* 4 {2}2011-04-18 09:22:09 .* 60\.0 .* 40 {2}0\.400 .*0\.417 .* 1 {2}1 min 40 s$/m,
    );
    expect(text).toMatch(/mains \(mains, in no sum\)/);
  });
});

describe('npm run inspect', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'tools/inspect/inspect.main.ts', ...args], { encoding: 'utf8' });

  test('prints JSON for programs', async () => {
    const { stdout, status } = run(await directoryOf(files), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ data_set: 'REDD', rows: 11, houses: [{ house: '1' }] });
  });

  test.each([
    [2, ['--foo', '.'], /^error: unknown option '--foo'\n$/],
    [1, ['/does/not/exist'], /^inspect: \/does\/not\/exist does not exist: .*\n$/],
  ])('ends with status %i and one line on %j', (status, args, line) => {
    const ended = run(...args);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(ended.stderr).toMatch(line);
  });
});
