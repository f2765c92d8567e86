import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { openDataSet } from '../../../src/datasets/open.ts';
import { inspect, toJson } from '../../../tools/inspect/inspect.ts';
import { directoryOf, type Files, read, removeAll } from './data-on-disk.ts';

afterAll(removeAll);

const T = 1_303_099_200;
const redd: Files = { 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': `${T} 1\n${T + 3} 2\n` };
const day = `timestamp,000D6F0000000001\n1394406000.5,100\n`;
const greend: Files = { 'labels.json': '{"building0": ["fridge"]}', 'building0/dataset_2014-03-10.csv': day };

/** Makes something odd at a path. */
const ODD: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  pipe: (path) => Promise.resolve(execFileSync('mkfifo', [path])),
  socket: (path) => new Promise<void>((resolve) => sockets.push(createServer().listen(path, resolve))),
  device: (path) => symlink('/dev/zero', path),
  'link to nothing': (path) => symlink('/does/not/exist', path),
  'link to itself': (path) => symlink(path, path),
  directory: (path) => mkdir(path),
  'empty, which': (path) => writeFile(path, ''),
};
const sockets: ReturnType<typeof createServer>[] = [];
afterAll(() => sockets.forEach((socket) => socket.close()));

/** Opens and reads a directory to which something odd is added. */
async function withOdd(
  files: Files,
  at: string,
  make: (path: string) => Promise<unknown>,
): Promise<{ readonly readings: number; readonly warnings: readonly string[] }> {
  const directory = await directoryOf(files);
  await make(join(directory, at));
  const warnings: string[] = [];
  const dataSet = await openDataSet(directory, { warn: (message) => void warnings.push(message) });
  let readings = 0;
  for (const house of dataSet.houses) {
    readings += (await read(house)).readings.length;
  }
  return { readings, warnings };
}

describe('what is no file', () => {
  for (const [kind, make] of Object.entries(ODD)) {
    test.each([
      [redd, 'house_1/channel_4.dat.gz', 2],
      [greend, 'building0/dataset_2014-03-11.csv.gz', 1],
    ])(`as a ${kind}, is named and left out: %#`, async (files, at, count) => {
      const { readings, warnings } = await withOdd(files, at, make);
      expect(readings).toBe(count);
      expect(warnings).toEqual([
        expect.stringMatching(new RegExp(`${at.slice(-12)} is (an? )?${kind}[^\\n]*: the file is left out$`)),
      ]);
    });

    test.each([
      [redd, 'house_2', 2],
      [greend, 'building1', 1],
    ])(`as a ${kind} where a house should be, is named and left out: %#`, async (files, at, count) => {
      if (kind === 'directory') {
        return;
      }
      const { readings, warnings } = await withOdd(files, at, make);
      expect(readings).toBe(count);
      expect(warnings).toEqual([expect.stringMatching(new RegExp(`${at} is an? [^\\n]*: left out$`))]);
    });
  }

  test.each(['house_1/labels.dat', 'labels.json'])('as %s, is named and read as missing', async (at) => {
    const files = Object.fromEntries(
      Object.entries({ ...(at.startsWith('house') ? redd : greend) }).filter(([path]) => path !== at),
    );
    const { readings, warnings } = await withOdd(files, at, (path) => Promise.resolve(execFileSync('mkfifo', [path])));
    expect(readings).toBeGreaterThan(0);
    expect(warnings).toEqual([expect.stringMatching(/labels\.\w+ is a pipe and no file: .* in no sum$/)]);
  });

  test('as low_freq, is no data set', async () => {
    const directory = await directoryOf({ 'notes.txt': 'x' });
    await symlink('/does/not/exist', join(directory, 'low_freq'));
    await expect(openDataSet(directory)).rejects.toThrow(/is laid out neither as REDD/);
  });
});

describe('one unusable house', () => {
  test('is shown by inspect with the reasons of its rows, and the others with theirs', async () => {
    const files = {
      ...redd,
      'house_2/labels.dat': '1 mains\n',
      'house_2/channel_1.dat': `${T}000 100\n${T}001 100\nx\n`,
    };
    const { houses } = toJson(await inspect(await openDataSet(await directoryOf(files), { warn: () => undefined })));
    expect(houses).toMatchObject([
      { house: '1', rows: 2, readings: 2, rejected: {}, loop: { days: 1, readings: 2, silent_days: 0 } },
      {
        house: '2',
        rows: 3,
        readings: 0,
        rejected: { cut_row: 1, future_clock: 2 },
        rejected_by_file: { 'channel_1.dat': { cut_row: 1, future_clock: 2 } },
        loop: { days: 0, readings: 0, silent_days: 0 },
      },
    ]);
  });

  test('whose header has names instead of addresses is told what to do', async () => {
    const files = { ...greend, 'building0/dataset_2014-03-10.csv': 'timestamp,fridge\n1394406000,5\n' };
    await expect(openDataSet(await directoryOf(files))).rejects.toThrow(
      /building0 has no header that names its plugs by their addresses, timestamp,<16 hexadecimal digits>,\.\.\.: the first one is "timestamp,fridge"$/,
    );
    const { warnings, readings } = await withOdd(greend, 'building1', async (path) => {
      await mkdir(path);
      await writeFile(join(path, 'dataset_2014-03-10.csv'), 'timestamp,fridge\n1394406000,5\n');
    });
    expect(readings).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/building1 has no header .*: left out$/)]);
  });

  test('that is UTF-16 is named, with or without a mark', async () => {
    for (const mark of ['\uFEFF', '']) {
      const files = { ...redd, 'house_1/channel_4.dat': Buffer.from(`${mark}${T} 1\n${T + 1} 2\n`, 'utf16le') };
      const { warnings, readings } = await withOdd(files, 'house_1/notes', (path) => writeFile(path, ''));
      expect(readings).toBe(2);
      expect(warnings).toContainEqual(
        expect.stringMatching(/channel_4\.dat is UTF-16 text: save it as UTF-8: the file is left out$/),
      );
    }
  });
});

describe('names that are nearly right', () => {
  test('are said, since what they hold is not read', async () => {
    const files = {
      ...redd,
      'House_2/channel_1.dat': `${T} 1\n`,
      'house_1/channel_4.csv': `${T} 1\n`,
      'house_1/channel_3_button_press.dat': '1\n',
      'house_1/channel_5.dat': '',
    };
    const { warnings } = await withOdd(files, 'notes', (path) => writeFile(path, ''));
    expect(warnings).toEqual([
      expect.stringMatching(/house_1: not read, as no channel is named so: channel_4\.csv$/),
      expect.stringMatching(/house_1 has empty files: channel_5\.dat$/),
      expect.stringMatching(/labels\.dat has no label for channel 5/),
      expect.stringMatching(/: not read, as no house is named so: House_2$/),
    ]);
  });
});
