import { afterAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';

import { difference, type Files, houseOf, opened, read, readAll, rejected, removeAll } from '../data-on-disk.ts';
import { readGreendPlainly } from '../plain-reader.ts';

afterAll(removeAll);
jest.setTimeout(60_000);

const T = 1_386_460_800;
const A = '000D6F00029C2918';
const B = '000D6F0003562E10';
const C = '000D6F0003562C48';
const D = '000D6F000353AC8C';
const header = (...plugs: string[]): string => `timestamp,${plugs.join(',')}\n`;
/** Building 0 with labels for three plugs and these contents of day files. */
const building = (days: Files, labels: readonly string[] = ['fridge', 'TV', 'radio']): Files => ({
  'labels.json': JSON.stringify({ building0: labels }),
  ...Object.fromEntries(Object.entries(days).map(([day, text]) => [`building0/dataset_${day}.csv`, text])),
});
const oneDay = (text: string): Files => building({ '2013-12-08': header(A, B, C) + text });

describe('a GREEND building', () => {
  test('gives a reading for every cell with a value and none for NULL or nothing, which are counted', async () => {
    const { readings, counts } = await readAll(
      oneDay(`${T}.25,0,NULL,3.5\n${T + 1}.7501,,0.0,\n${T + 2},NULL,,null\n`),
    );
    expect(readings).toEqual([
      [T * 1000 + 250, 0, 0],
      [T * 1000 + 250, 2, 3.5],
      [T * 1000 + 1750, 1, 0],
    ]);
    expect(counts).toEqual({ rows: 3, readings: 3, missing: 6, rejected: new Map() });
  });

  test('takes columns by plug when a header in the middle of a file changes them', async () => {
    const text = `${T},1,2,3\n${header(C, A)}${T + 1},33,11\n${header(A, B, C)}${T + 2},111,222,333\n`;
    expect((await readAll(oneDay(text))).readings).toEqual([
      [T * 1000, 0, 1],
      [T * 1000, 1, 2],
      [T * 1000, 2, 3],
      [(T + 1) * 1000, 0, 11],
      [(T + 1) * 1000, 2, 33],
      [(T + 2) * 1000, 0, 111],
      [(T + 2) * 1000, 1, 222],
      [(T + 2) * 1000, 2, 333],
    ]);
  });

  test('takes the labels as those of the first header that has as many plugs as there are labels', async () => {
    const house = houseOf(
      await opened(
        building({
          '2013-12-07': `${header(A, C)}${T - 86400},1,3\n`,
          '2013-12-08': `${header(A, B, C)}${T},1,2,3\n`,
        }),
      ),
    );
    expect(house.channels.map(({ id, label }) => `${id} ${label}`)).toEqual(['1 fridge', '2 TV', '3 radio']);
    expect((await read(house)).readings.map(([, channel, power]) => [channel, power])).toEqual([
      [0, 1],
      [2, 3],
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  test('reads a plug without a label as unknown, after the others, and warns once', async () => {
    const days = { '2013-12-08': `${header(A, B, C)}${T},1,2,3\n${header(A, D)}${T + 1},1,4\n${T + 2},1,4\n` };
    const found = await opened(building(days));
    expect(houseOf(found).channels.at(-1)).toEqual({ id: '4', label: 'unknown' });
    expect((await read(houseOf(found))).readings.filter(([, channel]) => channel === 3)).toHaveLength(2);
    expect(found.warnings).toEqual([expect.stringContaining(D)]);
  });

  test('without labels.json is read as unknown plugs, with one warning', async () => {
    const { dataSet, warnings } = await opened({ 'building3/dataset_2013-12-08.csv': `${header(A, B)}${T},1,2\n` });
    expect(dataSet.houses[0]?.channels.map(({ label }) => label)).toEqual(['unknown', 'unknown']);
    expect(warnings).toEqual([expect.stringMatching(/labels\.json is missing/)]);
  });

  test('is refused in one line when labels.json is not a list of labels for each building', async () => {
    for (const text of ['{', '[]', '{"building0": "fridge"}', '{"building0": [1]}']) {
      const files = { 'labels.json': text, 'building0/dataset_2013-12-08.csv': `${header(A)}${T},1\n` };
      await expect(opened(files)).rejects.toThrow(/^[^\n]*labels\.json must be JSON[^\n]*$/);
    }
  });

  test('merges day files by what is in them: one named by an unset clock, and files that overlap', async () => {
    const result = await readAll(
      building({
        '2000-01-01': `${header(A)}946684805.1,9\n946684806.2,9\n${T + 3},3\n${T + 6},6\n`,
        '2013-12-07': `${header(A)}${T},0\n${T + 2},2\n`,
        '2013-12-08': `${header(A)}${T + 3},33\n${T + 4},4\n${T + 5},5\n`,
        '2013-12-09': '',
      }),
    );
    expect(result.readings.map(([ms, , power]) => [ms / 1000 - T, power])).toEqual([
      [0, 0],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
      [6, 6],
    ]);
    expect(rejected(result)).toEqual({ unset_clock: 2, duplicate_timestamp: 1 });
    expect(result.counts.rows).toBe(9);
  });

  test('is read from gzip just as from plain files, and of both copies one is read', async () => {
    const text = `${header(A, B, C)}${T},1,2,3\n${T + 1},4,5,6\n`;
    const plain = await readAll(building({ '2013-12-08': text }));
    const labels = { 'labels.json': JSON.stringify({ building0: ['fridge', 'TV', 'radio'] }) };
    const zipped = { 'building0/dataset_2013-12-08.csv.gz': text };
    expect(await readAll({ ...labels, ...zipped })).toEqual(plain);
    expect(await readAll({ ...building({ '2013-12-08': text }), ...zipped })).toEqual(plain);
  });
});

describe('rows of a GREEND file', () => {
  test.each([
    ['cut_row', `${T + 1},1\n`],
    ['cut_row', `${T + 1},1,NU\n`],
    ['cut_row', `13864608\n`],
    ['bad_number', `${T + 1},1,2,NUL\n`],
    ['extra_fields', `${T + 1},1,2,3,4\n`],
    ['extra_fields', `${T + 1},1,2,3,\n`],
    ['bad_number', `${T + 1},1,0.072.172,3\n`],
    ['bad_number', `${T + 1},1,2x,3\n`],
    ['bad_number', `${T}.1.2,1,2,3\n`],
    ['bad_number', `,1,2,3\n`],
    ['nul_bytes', `\0\0\0\0${T + 1},1,2,3\n`],
    ['nul_bytes', `${T + 1},1,2,3\0\0\n`],
    ['nul_bytes', `\0\0\0\0\n`],
    ['unset_clock', `946684800.5,1,2,3\n`],
    ['future_clock', `9999999999,1,2,3\n`],
    ['negative_power', `${T + 1},1,-2,3\n`],
    ['nan_power', `${T + 1},1,nan,3\n`],
    ['infinite_power', `${T + 1},1,inf,3\n`],
    ['absurd_power', `${T + 1},1,60000,3\n`],
    ['duplicate_timestamp', `${T}.0002,7,8,9\n`],
    ['cut_row', `${T + 1},1,2timestamp,${A},${B},${C}\n`],
    ['cut_row', `${T + 1},1,2,3timestamp,${A},${B},${C}\n`],
  ])('are rejected as %s, whole, when they read %j', async (reason, row) => {
    const result = await readAll(oneDay(`${T},1,2,3\n${row}${T + 2},4,5,NULL\n`));
    expect(rejected(result)).toEqual({ [reason]: 1 });
    expect(result.readings.map(([ms, , power]) => [ms / 1000 - T, power])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [2, 4],
      [2, 5],
    ]);
    expect(result.counts).toMatchObject({ rows: 3, readings: 5, missing: 1 });
  });

  test('follow a header that is glued to a cut row', async () => {
    const result = await readAll(oneDay(`${T}.541311,0.0,NULL,NUtimestamp,${B},${A}\n${T + 1},2,1\n`));
    expect(rejected(result)).toEqual({ cut_row: 1 });
    expect(result.readings).toEqual([
      [(T + 1) * 1000, 0, 1],
      [(T + 1) * 1000, 1, 2],
    ]);
  });

  test('follow a header that stands behind NUL bytes, which are no row', async () => {
    const result = await readAll(oneDay(`${T},1,2,3\n\0\0\0${header(B)}${T + 1},2\n`));
    expect(rejected(result)).toEqual({});
    expect(result.readings.at(-1)).toEqual([(T + 1) * 1000, 1, 2]);
  });

  test.each([
    ['with an address cut short', `timestamp,${A},${B.slice(0, 9)}\n`],
    ['with an address twice', `timestamp,${A},${A}\n`],
    ['cut in its first word', 'timest\n'],
    ['without plugs', 'timestamp\n'],
  ])('after a header %s are rejected until the next good one', async (_, damaged) => {
    const result = await readAll(
      oneDay(`${T},1,2,3\n${damaged}${T + 1},8,9\n${T + 2},7,8,9\n${header(A)}${T + 3},1\n`),
    );
    expect(rejected(result)).toEqual({ no_header: 2 });
    expect(result.counts).toMatchObject({ rows: 4, readings: 4 });
  });

  test('before any header are rejected', async () => {
    const result = await readAll(building({ '2013-12-08': `${T},1,2,3\n${header(A, B, C)}${T + 1},1,2,3\n` }));
    expect(rejected(result)).toEqual({ no_header: 1 });
  });

  test('count exactly once, on a file with every damage at once and many blocks long', async () => {
    const good = Array.from({ length: 20_000 }, (_, index) => `${T + index}.${index % 10},${index % 90},NULL,0.5\n`);
    const damages = ['x\n', `${T},1\n`, header(C, A), header(A, B, C), `\0\0\n`, `${T},1,2,3,4\n`, '\n'];
    const text = good
      .map((row, index) => row + (index % 100 === 99 ? (damages[((index / 100) % 7) | 0] ?? '') : ''))
      .join('');
    const files = oneDay(text);
    const result = await readAll(files);
    const plain = readGreendPlainly(header(A, B, C) + text, [A, B, C]);
    expect(rejected(result)).toEqual(plain.rejected);
    expect(Object.keys(plain.rejected).sort()).toEqual(['cut_row', 'extra_fields', 'nul_bytes']);
    expect(result.counts).toMatchObject({ rows: plain.rows, readings: plain.readings.length, missing: plain.missing });
    expect(difference(result.readings, plain.readings)).toBeUndefined();
  });
});

const cell = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('NULL', '', '0', '107', '2.5') },
  { weight: 6, arbitrary: fc.double({ min: 0, max: 55_000, noNaN: true }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('-1', 'nan', 'NULLL', 'NU', '0.072.172', 'inf', '1e2', '.5', '5.', 'null', '1 '),
  },
);
const time = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(fc.nat(100), fc.nat(999_999)).map(([s, us]) => `${T + s}.${us}`) },
  fc.constantFrom(String(T), '946684800.1', '99999999999', 'x', '', `${T}.`, `${T}.00049999`, `${T}.0005`),
);
const greendRow = fc
  .tuple(time, fc.array(cell, { minLength: 1, maxLength: 4 }))
  .map(([seconds, cells]) => [seconds, ...cells].join(','));
const greendLine = fc.oneof(
  { weight: 30, arbitrary: greendRow },
  { weight: 2, arbitrary: fc.shuffledSubarray([A, B, C], { minLength: 1 }).map((plugs) => header(...plugs).trim()) },
  fc.tuple(greendRow, fc.nat(30)).map(([text, at]) => text.slice(0, at)),
  fc.tuple(greendRow, fc.nat(30)).map(([text, at]) => `${text.slice(0, at)}\0${text.slice(at)}`),
  fc.tuple(greendRow, fc.nat(30)).map(([text, at]) => text.slice(0, at) + header(B, A).trim()),
);
const greendFile = fc
  .array(fc.tuple(greendLine, fc.constantFrom('\n', '\n', '\n', '\r\n')), { maxLength: 60 })
  .map((lines) => lines.flat().join(''));

describe('the byte parser of GREEND', () => {
  test('agrees with a plain reader on any mixture of headers, good and damaged rows', async () => {
    await fc.assert(
      fc.asyncProperty(greendFile, async (text) => {
        const result = await readAll(oneDay(text));
        const plain = readGreendPlainly(header(A, B, C) + text, [A, B, C]);
        expect(rejected(result)).toEqual(plain.rejected);
        const { readings } = plain;
        expect(result.counts).toMatchObject({ rows: plain.rows, readings: readings.length, missing: plain.missing });
        expect(result.readings.map(([ms, channel]) => [ms, channel])).toEqual(
          readings.map(([ms, channel]) => [ms, channel]),
        );
        for (const [index, [, , power]] of result.readings.entries()) {
          const expected = Math.fround(readings[index]?.[2] ?? NaN);
          // Digits after the fifteenth are not looked at: less than a rounding of the float.
          expect(Math.abs(power - expected)).toBeLessThanOrEqual(expected * 2 ** -23);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('reading a GREEND building from an instant on', () => {
  test('gives what reading from the start gives from there on, and leaves files of earlier days alone', async () => {
    const day = (first: number): string =>
      header(A, B, C) + Array.from({ length: 500 }, (_, row) => `${first + row * 170},1,${row},NULL\n`).join('');
    const days = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`2013-12-0${index + 1}`, `${day(T + index * 86_400)}damaged\n`]),
    );
    const house = houseOf(await opened(building(days)));
    const all = await read(house);
    expect(rejected(all)).toEqual({ cut_row: 6 });
    for (const after of [-1, 0, 40_000, 86_400 * 3 + 5, 86_400 * 5 + 84_830, 86_400 * 6]) {
      const fromMs = (T + after) * 1000;
      const sought = await read(house, fromMs);
      expect(
        difference(
          sought.readings,
          all.readings.filter(([ms]) => ms >= fromMs),
        ),
      ).toBeUndefined();
    }
    expect(rejected(await read(house, (T + 86_400 * 5) * 1000))).toEqual({ cut_row: 1 });
  });
});
