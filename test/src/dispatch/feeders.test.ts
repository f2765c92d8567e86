import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { assignHouses, feederOf, parseFeeders } from '../../../src/dispatch/feeders.ts';
import { matchesHouse, overlap, parseHousePattern } from '../../../src/dispatch/house-pattern.ts';
import { houseId } from '../../../src/replay/identity.ts';

const feeder = (name: string, ...houses: string[]) => ({ name, limit_kw: 10, houses });
const shipped: unknown = JSON.parse(
  readFileSync(new URL('../../../src/dispatch/feeders.json', import.meta.url), 'utf8'),
);

const part = fc.oneof(
  fc.constant('*'),
  fc.nat(6).map(String),
  fc.tuple(fc.nat(6), fc.nat(4)).map(([from, more]) => `${from}-${from + more}`),
  fc.nat(6).map((from) => `${from}-`),
);
const pattern = fc
  .tuple(part, part, fc.oneof(part, fc.constant('attic')))
  .map((parts) => parseHousePattern(parts.join('_')));

describe('feeders', () => {
  test('that the project ships have every house of the replay on one of them', () => {
    const feeders = parseFeeders(shipped);
    for (const playback of [0, 49, 50, 149, 150, 100_000]) {
      expect(feederOf(feeders, houseId('REDD', playback, '1'))).toBeDefined();
    }
    expect(feederOf(feeders, houseId('GREEND', 99, '0'))?.name).toBe('F2');
  });

  test('say which houses are on none', () => {
    const feeders = parseFeeders({ feeders: [feeder('F1', '1_0-1_*'), feeder('F2', '2_*_attic')] });
    const { byFeeder, onNone } = assignHouses(feeders, ['1_0_1', '1_2_1', '2_9_attic', '2_9_1', 'canary']);
    expect([...byFeeder]).toEqual([
      ['F1', ['1_0_1']],
      ['F2', ['2_9_attic']],
    ]);
    expect(onNone).toEqual(['1_2_1', '2_9_1', 'canary']);
  });

  test('that overlap are refused, with both patterns', () => {
    expect(() => parseFeeders({ feeders: [feeder('F1', '*_0-9_*'), feeder('F2', '3_4_*', '1_9-_2')] })).toThrow(
      'feeder F1 (*_0-9_*) and feeder F2 (3_4_*) overlap: a house may be on one feeder only',
    );
    expect(() => parseFeeders({ feeders: [feeder('F1', '1_*_*'), feeder('F1', '2_*_*')] })).toThrow('stands twice');
  });

  test.each([
    [{ feeders: [] }, 'feeders: feeders'],
    [{ feeders: [{ name: 'F1', limit_kw: 0, houses: ['*_*_*'] }] }, 'limit_kw'],
    [{ feeders: [{ name: 'F 1', limit_kw: 1, houses: ['*_*_*'] }] }, 'letters, digits'],
    [{ feeders: [feeder('F1', '1_0')] }, 'feeder F1: "1_0" is no pattern of houses'],
    [{ feeders: [feeder('F1', '1_9-3_*')] }, '"9-3" in "1_9-3_*"'],
    [{ feeders: [feeder('F1', '1_x_*')] }, '"x" in "1_x_*"'],
    [null, 'feeders'],
  ])('of another shape are refused in one line: %j', (content, message) => {
    expect(() => parseFeeders(content)).toThrow(message);
    expect(() => parseFeeders(content)).toThrow(/^[^\n]+$/);
  });

  test('overlap exactly when some house matches both patterns', () => {
    const ids = [1, 2, 6, 7, 11].flatMap((dataSet) =>
      Array.from({ length: 13 }, (_, playback) => playback).flatMap((playback) =>
        ['attic', ...Array.from({ length: 13 }, (_, house) => String(house))].map(
          (house) => `${dataSet}_${playback}_${house}`,
        ),
      ),
    );
    // Parts are independent: houses 0 to 12 and attic hold a witness for every pair that overlaps in these parts.
    const dense = Array.from({ length: 13 }, (_, dataSet) => dataSet).flatMap((dataSet) =>
      ids.map((id) => id.replace(/^\d+/, String(dataSet))),
    );
    const all = [...new Set(dense)];
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const witness = all.some((id) => matchesHouse(a, id) && matchesHouse(b, id));
        expect(overlap(a, b)).toBe(witness);
      }),
      { numRuns: 300 },
    );
  });
});
