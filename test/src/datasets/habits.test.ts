/** What spreadsheets and old loggers make of data files: read where it can mean one thing only, else counted as it is. */
import { afterAll, describe, expect, test } from '@jest/globals';

import { type Files, houseOf, opened, read, readAll, rejected, removeAll } from './data-on-disk.ts';

afterAll(removeAll);

const T = 1_394_406_000;
const [A, B] = ['000D6F0000000001', '000D6F0000000002'];
const channel = (text: string): Files => ({ 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': text });
const day = (text: string): Files => ({
  'labels.json': '{"building0": ["fridge", "TV"]}',
  'building0/dataset_2014-03-10.csv': text,
});
const MARK = '\xEF\xBB\xBF';

describe('a channel of REDD', () => {
  const expected = [
    [T * 1000, 0, 1.5],
    [(T + 3) * 1000, 0, 2],
  ];

  test.each([
    ['a tab', `${T}\t1.5\n${T + 3}\t2\n`],
    ['a comma', `${T},1.5\n${T + 3},2\n`],
    ['a comma and a blank', `${T}, 1.5\n${T + 3}, 2\n`],
    ['a semicolon', `${T};1.5\n${T + 3};2\n`],
    ['a trailing blank', `${T} 1.5 \n${T + 3} 2 \n`],
    ['a trailing comma', `${T},1.5,\n${T + 3},2,\n`],
    ['a trailing semicolon', `${T};1.5;\n${T + 3};2;\n`],
    ['quotes', `"${T}" "1.5"\n"${T + 3}" "2"\n`],
    ['quotes and commas', `"${T}","1.5"\n"${T + 3}","2"\n`],
    ['line ends of Windows', `${T} 1.5\r\n${T + 3} 2\r\n`],
    ['line ends of old Macs', `${T} 1.5\r${T + 3} 2\r`],
    ['line ends of both', `${T} 1.5\r${T + 3} 2\n`],
    ['a byte-order mark', `${MARK}${T} 1.5\n${T + 3} 2\n`],
  ])('is read with %s', async (_, text) => {
    const result = await readAll(channel(text));
    expect(result.readings).toEqual(expected);
    expect(rejected(result)).toEqual({});
    expect(result.counts.rows).toBe(2);
  });

  test.each([
    ['decimal_comma', `${T + 3};1,5\n`],
    ['decimal_comma', `${T + 3} 1,5\n`],
    ['decimal_comma', `"${T + 3}";"1,500"\n`],
    ['decimal_comma', `${T + 3},25;1\n`],
    ['extra_fields', `${T + 3},1,5\n`],
    ['cut_row', `${T + 3},\n`],
    ['cut_row', `${T + 3};\n`],
    ['date_not_seconds', '2014-03-10T00:00:03Z 5\n'],
    ['bad_number', `${T + 3} "5\n`],
    ['future_clock', `${T + 3}000 5\n`],
  ])('counts as %s what can mean two things: %j', async (reason, row) => {
    expect(rejected(await readAll(channel(`${T} 1\n${row}`)))).toEqual({ [reason]: 1 });
  });

  test('of an old Mac is read in blocks, from any place', async () => {
    const text = Array.from({ length: 40_000 }, (_, row) => `${T + row} ${row % 100}\r`).join('');
    const house = houseOf(await opened(channel(text)));
    const all = await read(house);
    expect(all.counts).toMatchObject({ rows: 40_000, readings: 40_000 });
    expect((await read(house, (T + 39_000) * 1000)).readings).toEqual(all.readings.slice(39_000));
  });
});

describe('a day of GREEND', () => {
  const expected = [
    [T * 1000 + 500, 0, 1],
    [T * 1000 + 500, 1, 2.5],
    [(T + 1) * 1000, 1, 4],
  ];

  test.each([
    ['semicolons', `timestamp;${A};${B}\n${T}.5;1;2.5\n${T + 1};NULL;4\n`],
    ['tabs', `timestamp\t${A}\t${B}\n${T}.5\t1\t2.5\n${T + 1}\tNULL\t4\n`],
    ['trailing commas, in the header too', `timestamp,${A},${B},\n${T}.5,1,2.5,\n${T + 1},NULL,4,\n`],
    ['a trailing comma in the header alone', `timestamp,${A},${B},\n${T}.5,1,2.5\n${T + 1},NULL,4\n`],
    ['quotes', `"timestamp","${A}","${B}"\n"${T}.5","1","2.5"\n"${T + 1}","NULL","4"\n`],
    ['line ends of Windows', `timestamp,${A},${B}\r\n${T}.5,1,2.5\r\n${T + 1},NULL,4\r\n`],
    ['line ends of old Macs', `timestamp,${A},${B}\r${T}.5,1,2.5\r${T + 1},NULL,4\r`],
    ['a byte-order mark', `${MARK}timestamp,${A},${B}\n${T}.5,1,2.5\n${T + 1},NULL,4\n`],
    ['headers of two habits', `timestamp,${A},${B}\n${T}.5,1,2.5\ntimestamp;${A};${B}\n${T + 1};NULL;4\n`],
  ])('is read with %s', async (_, text) => {
    const result = await readAll(day(text));
    expect(result.readings).toEqual(expected);
    expect(rejected(result)).toEqual({});
    expect(result.counts).toMatchObject({ rows: 2, missing: 1 });
  });

  test.each([
    ['decimal_comma', `timestamp;${A};${B}\n`, `${T + 1};1,5;2\n`],
    ['decimal_comma', `timestamp;${A};${B}\n`, `${T + 1},5;1;2\n`],
    ['decimal_comma', `timestamp,${A},${B}\n`, `${T + 1},"1,5",2\n`],
    ['extra_fields', `timestamp,${A},${B}\n`, `${T + 1},1,2,\n`],
    ['cut_row', `timestamp,${A},${B}\n`, `${T + 1};1;2\n`],
    ['date_not_seconds', `timestamp,${A},${B}\n`, `2014-03-10 00:00:01,1,2\n`],
  ])('counts as %s what can mean two things: %s%s', async (reason, header, row) => {
    expect(rejected(await readAll(day(header + row)))).toEqual({ [reason]: 1 });
  });
});
