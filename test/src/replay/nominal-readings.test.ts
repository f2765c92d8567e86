import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { ClockChange } from '../../../src/datasets/data-set/loop.ts';
import { nominalReadings } from '../../../src/replay/nominal-readings.ts';
import { type GivenReading, memoryHouse } from './memory-house.ts';

const HOUR_MS = 3_600_000;

async function read(given: readonly GivenReading[], changes: readonly ClockChange[], fromMs = -Infinity) {
  const found: [number, number][] = [];
  const counts = { rows: 0, readings: 0, missing: 0, rejected: new Map<string, number>() };
  for await (const batch of nominalReadings(memoryHouse('1', ['a', 'b'], given), changes, fromMs, counts)) {
    for (let index = 0; index < batch.length; index += 1) {
      found.push([batch.timestamp[index] ?? NaN, batch.power[index] ?? NaN]);
    }
  }
  return found;
}

/** A reading at each of these hours, which is its power as well. */
const atHours = (...hours: number[]): GivenReading[] =>
  hours.map((hour) => ({ at: hour * HOUR_MS, channel: 0, power: hour }));
const inHours = (found: readonly (readonly [number, number])[]): number[][] =>
  found.map(([ms, power]) => [ms / HOUR_MS, power]);

describe('readings where the local clock changes', () => {
  test('leave an hour empty when it is set forward', async () => {
    const forward = [{ atMs: 2 * HOUR_MS, byMs: HOUR_MS }];
    expect(inHours(await read(atHours(0, 1, 2, 3), forward))).toEqual([
      [0, 0],
      [1, 1],
      [3, 2],
      [4, 3],
    ]);
  });

  test('of an hour that comes twice are merged, and none is lost', async () => {
    const back = [{ atMs: 3 * HOUR_MS, byMs: -HOUR_MS }];
    expect(inHours(await read(atHours(1, 2, 2.5, 3.25, 3.75, 4, 5), back))).toEqual([
      [1, 1],
      [2, 2],
      [2.25, 3.25],
      [2.5, 2.5],
      [2.75, 3.75],
      [3, 4],
      [4, 5],
    ]);
  });

  test('are in order and complete whatever changes, from any instant on', async () => {
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 });
    const steps = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        hours,
        steps,
        fc.integer({ min: -200, max: 5_200 }),
        fc.boolean(),
        async (at, at100, from, first) => {
          // A clock is set forward and back by turns.
          const changes = at100
            .sort((a, b) => a - b)
            .map((step, index) => ({ atMs: step * 100, byMs: (index % 2 === 0) === first ? 60 : 0 }));
          const given = at.map((ms) => ({ at: ms, channel: 0, power: ms }));
          const nominal = (ms: number): number => ms + (changes.findLast(({ atMs }) => atMs <= ms)?.byMs ?? 0);
          const expected = at.map((ms) => [nominal(ms), ms]).filter(([ms = 0]) => ms >= from);
          const found = await read(given, changes, from);
          expect(found.map(([ms]) => ms)).toEqual(found.map(([ms]) => ms).sort((a, b) => a - b));
          expect([...found].sort(([, a], [, b]) => a - b)).toEqual(expected.sort(([, a = 0], [, b = 0]) => a - b));
        },
      ),
      { numRuns: 200 },
    );
  });
});
