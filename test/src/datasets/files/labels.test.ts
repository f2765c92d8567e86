import { afterAll, describe, expect, test } from '@jest/globals';

import { appliance } from '../../../../src/core/appliances/registry.ts';
import { type Files, houseOf, type Opened, opened, removeAll } from '../data-on-disk.ts';

afterAll(removeAll);

const T = 1_303_099_200;
const MARK = '\xEF\xBB\xBF';
const redd = (labels: string | Buffer | undefined, channels: readonly string[] = ['1', '3']): Files => ({
  ...(labels !== undefined && { 'house_1/labels.dat': labels }),
  ...Object.fromEntries(channels.map((channel) => [`house_1/channel_${channel}.dat`, `${T} 100\n${T + 3} 101\n`])),
});
const plug = (number: number): string => `000D6F000000000${number}`;
const greend = (labels: string | Buffer, ...headers: (readonly number[])[]): Files => ({
  'labels.json': labels,
  ...Object.fromEntries(
    headers.map((plugs, day) => [
      `building0/dataset_2014-03-1${day}.csv`,
      `timestamp,${plugs.map(plug).join(',')}\n${1_394_406_000 + day * 86_400},${plugs.join(',')}\n`,
    ]),
  ),
});
/** Number, name and role of each channel. */
const known = (found: Opened): string[] =>
  houseOf(found).channels.map(({ id, label }) => {
    const { name, role } = appliance(label, () => undefined);
    return `${id} ${name}: ${role}`;
  });
const labels = (found: Opened): string[] => houseOf(found).channels.map(({ label }) => label);

describe('labels.dat', () => {
  test.each([
    ['of UK-DALE', '1 aggregate\n3 fridge\n'],
    ['with a byte-order mark', `${MARK}1 mains\n3 refrigerator\n`],
    ['with leading zeros', '01 mains\n03 refrigerator\n'],
    ['with line ends of Windows', '1 mains\r\n3 refrigerator\r\n'],
    ['with line ends of old Macs', '1 mains\r3 refrigerator\r'],
    ['with commas and quotes', '"1","mains"\n"3","refrigerator"\n'],
    ['in UTF-16', Buffer.from('\uFEFF1 mains\n3 refrigerator\n', 'utf16le')],
  ])('%s is read', async (_, text) => {
    const found = await opened(redd(text));
    expect(known(found)).toEqual(['1 mains: mains', '3 refrigerator: appliance']);
    expect(found.warnings).toEqual([]);
  });

  test('names the file of a channel whose number has a leading zero', async () => {
    expect(known(await opened(redd('1 mains\n3 oven\n', ['01', '3'])))).toEqual([
      '01 mains: mains',
      '3 oven: appliance',
    ]);
  });

  test('that is missing is said, and keeps out of sums what it does not name', async () => {
    const found = await opened(redd(undefined));
    expect(known(found)).toEqual(['1 mains: mains', '3 unknown: unknown']);
    expect(found.warnings).toEqual([expect.stringMatching(/labels\.dat is missing: channel 1 is taken for the mains/)]);
  });

  test('without a line for a channel keeps it out of sums', async () => {
    const found = await opened(redd('1 mains\n'));
    expect(known(found)).toEqual(['1 mains: mains', '3 unknown: unknown']);
    expect(found.warnings).toEqual([expect.stringMatching(/has no label for channel 3: .* in no sum/)]);
  });

  test.each([
    ['UTF-8', Buffer.from('3 Kühlschrank\n', 'utf8')],
    ['UTF-8 with a mark', Buffer.from('\uFEFF3 Kühlschrank\n', 'utf8')],
    ['Latin-1', Buffer.from('3 Kühlschrank\n', 'latin1')],
  ])('keeps letters beyond ASCII of %s', async (_, bytes) => {
    expect(labels(await opened(redd(bytes, ['3'])))).toEqual(['Kühlschrank']);
  });
});

describe('labels.json', () => {
  test('is read with a byte-order mark', async () => {
    const found = await opened(greend(`${MARK}{"building0": ["fridge"]}`, [1]));
    expect(labels(found)).toEqual(['fridge']);
    expect(found.warnings).toEqual([]);
  });

  test('with more labels than any header has plugs names none of them, and warns', async () => {
    const text = '{"building0": ["fridge", "dishwasher", "coffee machine", "water kettle"]}';
    const found = await opened(greend(text, [1, 2, 4], [1, 2, 3]));
    expect(known(found)).toEqual([1, 2, 3, 4].map((id) => `${id} unknown: unknown`));
    expect(found.warnings).toEqual([
      expect.stringMatching(
        /4 labels for building0, but no header has more than 3 plugs, so their names can't be told/,
      ),
    ]);
  });

  test('names the plugs of the header that has as many, whichever file it is in', async () => {
    const found = await opened(greend('{"building0": ["fridge", "dishwasher", "TV"]}', [1, 3], [1, 2, 3]));
    expect(labels(found)).toEqual(['fridge', 'dishwasher', 'TV']);
    expect(found.warnings).toEqual([]);
  });

  test('of a building with a leading zero is found', async () => {
    const { 'building0/dataset_2014-03-10.csv': day = '', ...others } = greend('{"building1": ["fridge"]}', [1]);
    expect(labels(await opened({ ...others, 'building01/dataset_2014-03-10.csv': day }))).toEqual(['fridge']);
  });
});

describe('a label', () => {
  test.each(
    (
      'mains|Mains 1|mains_2|aggregate|Aggregate_1|main|main meter|total|Total Power|site meter|site_meter|site-meter 1|' +
      'whole house|mains1'
    ).split('|'),
  )('%s is the mains, in no sum', (label) => {
    expect(appliance(label, () => undefined)).toMatchObject({ name: 'mains', role: 'mains' });
  });

  test.each(['lighting_circuit', 'sub panel', 'subpanel 2', 'total outlets'])(
    '%s is a subpanel, in no sum',
    (label) => {
      expect(appliance(label, () => undefined).role).toBe('subpanel');
    },
  );

  test.each([
    ['kettle', 'kettle'],
    ['laptop2', 'computer'],
    ['office_lamp3', 'lamp'],
    ['24_inch_lcd_bedroom', 'monitor'],
    ['kitchen_phone&stereo', 'audio system'],
    ['tumble dryer', 'dryer'],
    ['immersion heater', 'water heater'],
    ['total lights', 'lighting'],
  ])('%s of UK-DALE or nilm_metadata is an appliance: %s', (label, name) => {
    expect(appliance(label, () => undefined)).toMatchObject({ name, role: 'appliance' });
  });

  test.each(['aquarium heater 7 of the neighbour', 'total eclipse', ''])('%j is unknown, in no sum', (label) => {
    expect(appliance(label, () => undefined)).toMatchObject({ name: 'unknown', role: 'unknown', class: 'essential' });
  });
});
