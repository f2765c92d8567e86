import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';

import { difference, houseOf, opened, read, readAll, rejected, removeAll } from '../data-on-disk.ts';
import { readReddPlainly } from '../plain-reader.ts';

afterAll(removeAll);
jest.setTimeout(60_000);

const T = 1_303_132_929;
const labels = '1 mains\n2 mains\n3 dishwaser\n';
/** A house with one channel. */
const channel = (text: string): Record<string, string> => ({
  'house_1/labels.dat': '3 dishwaser\n',
  'house_1/channel_3.dat': text,
});
/** Rows one second apart from T on. */
const rowsFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${T + first + index} ${(first + index) % 5_000}.00\n`);

describe('a REDD house', () => {
  test('gives its channels with their labels by number, whatever the order of the directory', async () => {
    const files = { 'house_1/labels.dat': '10 oven\n2 mains\n1 mains\n' };
    const data = { 'house_1/channel_10.dat': `${T} 1\n`, 'house_1/channel_2.dat': `${T} 2\n` };
    const house = houseOf(await opened({ ...files, ...data, 'house_1/channel_1.dat': `${T} 3\n` }));
    expect(house.channels).toEqual([
      { id: '1', label: 'mains' },
      { id: '2', label: 'mains' },
      { id: '10', label: 'oven' },
    ]);
  });

  test('merges its channels into one stream in time order, channels of one instant in their order', async () => {
    const { readings } = await readAll({
      'house_1/labels.dat': labels,
      'house_1/channel_1.dat': `${T} 100.5\n${T + 1} 101\n${T + 2} 102\n`,
      'house_1/channel_2.dat': `${T + 1} 201\n`,
      'house_1/channel_3.dat': `${T - 1} 300\n${T + 2} 302\n`,
    });
    expect(readings).toEqual([
      [(T - 1) * 1000, 2, 300],
      [T * 1000, 0, 100.5],
      [(T + 1) * 1000, 0, 101],
      [(T + 1) * 1000, 1, 201],
      [(T + 2) * 1000, 0, 102],
      [(T + 2) * 1000, 2, 302],
    ]);
  });

  test('is read from gzip just as from plain files', async () => {
    const text = rowsFrom(0, 5_000).join('');
    const plain = await readAll(channel(text));
    const zipped = await readAll({ 'house_1/labels.dat': '3 dishwaser\n', 'house_1/channel_3.dat.gz': text });
    expect(difference(zipped.readings, plain.readings)).toBeUndefined();
    expect(zipped.counts).toEqual(plain.counts);
    expect(plain.readings).toHaveLength(5_000);
  });

  test('leaves out a file that can not be decompressed to its end, all of it, and says which', async () => {
    const whole = gzipSync(rowsFrom(0, 1_000).join(''));
    const broken = Buffer.from(whole);
    broken[whole.length >> 1] = (broken[whole.length >> 1] ?? 0) ^ 0xff;
    for (const bytes of [Buffer.from(`${T} 1\n`), whole.subarray(0, whole.length / 2), broken]) {
      const files = { 'house_1/labels.dat': '3 oven\n4 stove\n', 'house_1/channel_3.dat.gz': 'is replaced' };
      const found = await opened({ ...files, 'house_1/channel_4.dat': `${T} 4\n` });
      await writeFile(join(found.dataSet.directory, 'house_1/channel_3.dat.gz'), bytes);
      expect((await read(houseOf(found))).readings).toEqual([[T * 1000, 1, 4]]);
      expect(found.warnings).toEqual([
        expect.stringMatching(/^can't read .*channel_3\.dat\.gz: .*; is the file complete\?: the file is left out$/),
      ]);
    }
  });

  test('reads a channel without a label as unknown and warns once', async () => {
    const { dataSet, warnings } = await opened({
      'house_2/labels.dat': '1 mains\n',
      'house_2/channel_7.dat': `${T} 1\n`,
    });
    expect(dataSet.houses[0]?.channels).toEqual([{ id: '7', label: 'unknown' }]);
    expect(warnings.filter((line) => line.includes('channel 7'))).toHaveLength(1);
  });
});

describe('rows of a REDD channel', () => {
  test('are put in time order when they are within the reach of re-ordering', async () => {
    const rows = rowsFrom(0, 10_000);
    // An hour of rows after the hour that follows it.
    const swapped = [
      ...rows.slice(0, 2_000),
      ...rows.slice(5_600, 9_200),
      ...rows.slice(2_000, 5_600),
      ...rows.slice(9_200),
    ];
    const { readings, counts } = await readAll(channel(swapped.join('')));
    expect(readings.map(([ms]) => ms)).toEqual(Array.from({ length: 10_000 }, (_, index) => (T + index) * 1000));
    expect(counts.rejected.size).toBe(0);
  });

  test('beyond the reach of re-ordering are rejected as out_of_order, and counted', async () => {
    const rows = rowsFrom(0, 10_000);
    const late = [...rows.slice(1), ...rows.slice(0, 1)];
    const result = await readAll(channel(late.join('')));
    expect(rejected(result)).toEqual({ out_of_order: 1 });
    expect(result.counts).toMatchObject({ rows: 10_000, readings: 9_999 });
  });

  test('with a clock that is hours late, one of them, do not hold up the others', async () => {
    const rows = rowsFrom(0, 10_000);
    rows.splice(3_000, 0, `${T + 20_000} 7\n`);
    const { readings, counts } = await readAll(channel(rows.join('')));
    expect(counts.rejected.size).toBe(0);
    expect(readings).toHaveLength(10_001);
    expect(readings.at(-1)).toEqual([(T + 20_000) * 1000, 0, 7]);
  });

  test('of an instant that has one already are rejected, equal or not: the first in the file wins', async () => {
    const result = await readAll(channel(`${T} 1\n${T} 2\n${T} 1\n${T + 1} 3\n`));
    expect(result.readings).toEqual([
      [T * 1000, 0, 1],
      [(T + 1) * 1000, 0, 3],
    ]);
    expect(rejected(result)).toEqual({ duplicate_timestamp: 2 });
  });

  test.each([
    ['cut_row', `${T + 1}\n`],
    ['cut_row', `${T + 1} \n`],
    ['extra_fields', `${T + 1} 2 3\n`],
    ['bad_number', `${T + 1} 0.072.172\n`],
    ['decimal_comma', `${T + 1} 1,5\n`],
    ['bad_number', `130313x 5\n`],
    ['nul_bytes', `\0\0\0${T + 1} 5\n`],
    ['nul_bytes', `${T + 1} 5\0\n`],
    ['unset_clock', `946684800 5\n`],
    ['unset_clock', `13031 5\n`],
    ['future_clock', `99999999999 5\n`],
    ['negative_power', `${T + 1} -5\n`],
    ['nan_power', `${T + 1} nan\n`],
    ['infinite_power', `${T + 1} inf\n`],
    ['infinite_power', `${T + 1} -Infinity\n`],
    ['infinite_power', `${T + 1} 1e999\n`],
    ['absurd_power', `${T + 1} 50000.1\n`],
  ])('are rejected as %s when they read %j', async (reason, row) => {
    const result = await readAll(channel(`${T} 1\n${row}${T + 2} 3\n`));
    expect(rejected(result)).toEqual({ [reason]: 1 });
    expect(result.readings.map(([, , power]) => power)).toEqual([1, 3]);
    expect(result.counts).toMatchObject({ rows: 3, readings: 2 });
  });

  test.each([
    [`${T + 1} 5\r\n`, 5],
    [`${T + 1}  5\n`, 5],
    [`${T + 1}\t5.25\n`, 5.25],
    [`${T + 1} 5.2e-05\n`, 5.2e-5],
    [`${T + 1} -0.0\n`, 0],
    [`${T + 1} 50000\n`, 50_000],
    [`${T + 1} 2.172091508705606\n`, 2.172091508705606],
    [`${T + 1} 7`, 7],
  ])('are used when they read %j', async (row, power) => {
    const { readings } = await readAll(channel(`${T} 1\n${row}`));
    expect(readings).toHaveLength(2);
    expect(readings[1]?.[2]).toBeCloseTo(power, 4);
  });

  test.each([20_000, 100_000, 300_000])(
    'of %i bytes are rejected as long_row and the next one is read',
    async (bytes) => {
      const result = await readAll(channel(`${T} 1\n${'1'.repeat(bytes)}\n${T + 2} 3\n${'2'.repeat(bytes)}`));
      expect(rejected(result)).toEqual({ long_row: 2 });
      expect(result.counts).toMatchObject({ rows: 4, readings: 2 });
    },
  );

  test('obey the limit that the data set was opened with', async () => {
    const result = await readAll(channel(`${T} 100\n${T + 1} 101\n`), { maxPowerW: 100 });
    expect(rejected(result)).toEqual({ absurd_power: 1 });
  });

  test('that are blank are no rows', async () => {
    const { counts } = await readAll(channel(`\n${T} 1\n   \n\r\n${T + 1} 1\n\n`));
    expect(counts).toMatchObject({ rows: 2, readings: 2 });
  });
});

const seconds = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: T, max: T + 200 }).map(String) },
  fc.integer({ min: T, max: T + 200 }).map((s) => `${s}.4996`),
  fc.constantFrom('0', '946684800', '99999999999', 'x', '1303.1.1', '', `${T}`.slice(0, 6)),
);
const watt = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 5_000_000 }).map((hundredths) => (hundredths / 100).toFixed(2)) },
  { weight: 5, arbitrary: fc.double({ min: 0, max: 60_000, noNaN: true }).map(String) },
  fc.constantFrom('-1', 'nan', 'inf', '-inf', '0.072.172', '', '5.', '.5', '.', '1e3', '+7', '1e400', '12a', '--1'),
);
const row = fc.tuple(seconds, fc.constantFrom(' ', ' ', ' ', '  ', '\t'), watt).map((fields) => fields.join(''));
const damagedRow = fc.oneof(
  { weight: 30, arbitrary: row },
  fc.tuple(row, fc.nat(20)).map(([text, at]) => text.slice(0, at)),
  fc.tuple(row, fc.nat(20)).map(([text, at]) => `${text.slice(0, at)}\0${text.slice(at)}`),
  fc.tuple(row, row).map(([one, other]) => `${one} ${other}`),
);
const file = fc
  .tuple(fc.array(fc.tuple(damagedRow, fc.constantFrom('\n', '\n', '\n', '\r\n')), { maxLength: 60 }), fc.boolean())
  .map(([rows, lineEnd]) => {
    const text = rows.flat().join('');
    return lineEnd ? text : text.trimEnd();
  });

describe('the byte parser of REDD', () => {
  test('agrees with a plain reader on any mixture of good and damaged rows', async () => {
    await fc.assert(
      fc.asyncProperty(file, file, async (first, second) => {
        fc.pre((first + second).trim() !== '');
        const result = await readAll({
          'house_1/labels.dat': '1 mains\n2 mains\n',
          'house_1/channel_1.dat': first,
          'house_1/channel_2.dat': second,
        });
        const plain = readReddPlainly([first, second]);
        expect(rejected(result)).toEqual(plain.rejected);
        expect(result.counts).toMatchObject({ rows: plain.rows, readings: plain.readings.length, missing: 0 });
        expect(result.readings.map(([ms, ch]) => [ms, ch])).toEqual(plain.readings.map(([ms, ch]) => [ms, ch]));
        for (const [index, [, , power]] of result.readings.entries()) {
          const expected = Math.fround(plain.readings[index]?.[2] ?? NaN);
          expect(Math.abs(power - expected)).toBeLessThanOrEqual(expected * 2 ** -23);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('agrees with a plain reader on a file of many blocks', async () => {
    const text = fc
      .sample(fc.array(damagedRow, { minLength: 40, maxLength: 60 }), { numRuns: 100, seed: 7 })
      .map((rows, block) =>
        rows.map((line) => line.replace(/^13031\d{5}/, (found) => String(Number(found) + block * 300))).join('\n'),
      )
      .join('\n');
    expect(text.length).toBeGreaterThan(2 * 32 * 1024);
    const result = await readAll({ 'house_1/labels.dat': '1 mains\n', 'house_1/channel_1.dat': text });
    const plain = readReddPlainly([text]);
    expect(rejected(result)).toEqual(plain.rejected);
    expect(result.readings).toEqual(plain.readings.map(([ms, ch, power]) => [ms, ch, Math.fround(power)]));
    expect(result.counts.rows).toBe(plain.rows);
  });
});

describe('reading a REDD house from an instant on', () => {
  test('gives what reading from the start gives from there on, with some disorder and in plain and zipped files', async () => {
    const rows = rowsFrom(0, 60_000);
    // Every hundredth row is exchanged with one up to 999 rows later.
    for (let at = 0; at < 58_000; at += 100) {
      const other = at + ((at * 7_919) % 1_000);
      [rows[at], rows[other]] = [rows[other] ?? '', rows[at] ?? ''];
    }
    rows.splice(30_000, 0, `${T + 90_000} 9\n`, '946684801 9\n', `${T}\n`);
    const text = rows.join('');
    const plain = houseOf(await opened(channel(text)));
    const zipped = houseOf(await opened({ 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat.gz': text }));
    const all = await read(plain);
    for (const from of [-10, 20_000, 45_678, 59_999, 100_000, 2_000_000]) {
      const fromMs = (T + from) * 1000;
      const expected = all.readings.filter(([ms]) => ms >= fromMs);
      for (const house of [plain, zipped]) {
        expect(difference((await read(house, fromMs)).readings, expected)).toBeUndefined();
      }
    }
  });

  test('leaves earlier rows out of the counts, and the sum still holds', async () => {
    const house = houseOf(await opened(channel([...rowsFrom(0, 100), 'x\n', `${T + 99} 5\n`].join(''))));
    const result = await read(house, (T + 90) * 1000);
    expect(rejected(result)).toEqual({ cut_row: 1, duplicate_timestamp: 1 });
    expect(result.counts).toMatchObject({ rows: 12, readings: 10 });
  });

  test('does not read what is far before', async () => {
    const rows = rowsFrom(0, 60_000);
    rows.splice(100, 0, 'damaged\n');
    const house = houseOf(await opened(channel(rows.join(''))));
    expect(rejected(await read(house))).toEqual({ cut_row: 1 });
    const result = await read(house, (T + 50_000) * 1000);
    expect(rejected(result)).toEqual({});
    expect(result.counts.rows).toBe(10_000);
  });
});
