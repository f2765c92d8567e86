import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { randomFrom } from '../../../src/core/random.ts';
import { ApplianceTracker } from '../../../src/dispatch/appliance-tracker.ts';
import { StateSums } from '../../../src/dispatch/state-sums.ts';
import { StateTable } from '../../../src/dispatch/state-table.ts';
import { BINS, cellOf, CELLS, HORIZONS_MIN } from '../../../src/dispatch/states.ts';

const MINUTE_MS = 60_000;

/** A tracker that reads every 30 s what `powerOf` says, for so many minutes. */
function follow(sums: StateSums, key: string, minutes: number, powerOf: (minute: number) => number): ApplianceTracker {
  const tracker = new ApplianceTracker({
    thresholdW: 40,
    minuteMs: MINUTE_MS,
    onSample: (horizon, cell, meanW) => sums.add(key, horizon, cell, meanW),
  });
  for (let minute = 0; minute < minutes; minute += 1) {
    const powerW = powerOf(minute);
    for (const half of [1, 2]) {
      tracker.add(minute * MINUTE_MS + half * 30_000, powerW, 30_000);
    }
  }
  return tracker;
}

/** On and off at random, a memoryless two-state process: the one whose expectation has a formula. */
function memoryless(seed: number, meanOnMin: number, meanOffMin: number, onW: number): (minute: number) => number {
  const random = randomFrom(seed);
  let isOn = false;
  return () => onW * Number((isOn = random() < (isOn ? 1 / meanOnMin : 1 / meanOffMin) ? !isOn : isOn));
}

describe('states', () => {
  test('fall into ten bins each for off and on, in order', () => {
    const minutes = [0, 1, 3, 7, 14, 29, 59, 119, 239, 240, 1e9];
    const bins = minutes.map((minute) => cellOf(false, minute));
    expect(bins).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]);
    expect(minutes.map((minute) => cellOf(true, minute))).toEqual(bins.map((bin) => BINS + bin));
  });
});

describe('a tracker', () => {
  test('knows the state, how long it has lasted, and the power of the last whole minute', () => {
    const tracker = follow(new StateSums(), 'a', 30, (minute) => (minute < 20 ? 3 : 90));
    expect(tracker.state).toEqual({ isOn: true, minutes: 9, powerW: 90 });
  });

  test('learns what followed a state: the mean power over each horizon', () => {
    const sums = new StateSums();
    // Off for 20 minutes, then on at 90 W: 5 minutes after the 16th minute hold 2 minutes of it.
    follow(sums, 'a', 25, (minute) => (minute < 20 ? 0 : 90));
    const cell = cellOf(false, 16);
    expect(sums.cell('a', 0, cell).count).toBe(5);
    expect(sums.cell('a', 0, cell).sum).toBeCloseTo(((1 + 2 + 3 + 4 + 5) * 90) / 5);
  });

  test('learns nothing across a gap, and does not know the state within it', () => {
    const sums = new StateSums();
    const tracker = follow(sums, 'a', 10, () => 50);
    const before = HORIZONS_MIN.map((_, horizon) => sums.cell('a', horizon, cellOf(true, 0)).count);
    tracker.add(40.25 * MINUTE_MS, 50, 30_000);
    expect(tracker.state).toBeUndefined();
    expect(HORIZONS_MIN.map((_, horizon) => sums.cell('a', horizon, cellOf(true, 0)).count)).toEqual(before);
    tracker.add(1_000.25 * MINUTE_MS, 50, 30_000);
    expect(tracker.state).toBeUndefined();
  });

  test('learns the same at any speed', () => {
    const sums = [1, 24].map((speed) => {
      const seen = new StateSums();
      const powerOf = memoryless(7, 16, 48, 150);
      const tracker = new ApplianceTracker({
        thresholdW: 40,
        minuteMs: MINUTE_MS / speed,
        onSample: (horizon, cell, meanW) => seen.add('a', horizon, cell, meanW),
      });
      for (let minute = 1; minute <= 500; minute += 1) {
        tracker.add((minute * MINUTE_MS) / speed, powerOf(minute), MINUTE_MS / speed);
      }
      return seen.toJSON();
    });
    expect(sums[1]).toEqual(sums[0]);
  });
});

describe('sums', () => {
  test('add up and survive being written down', () => {
    const [a, b, both] = [new StateSums(), new StateSums(), new StateSums()];
    for (const [target, seed] of [
      [a, 1],
      [b, 2],
      [both, 1],
      [both, 2],
    ] as const) {
      follow(target, `appliance ${seed}`, 200, memoryless(seed, 16, 48, 150));
    }
    a.merge(b);
    expect(a.toJSON()).toEqual(both.toJSON());
    expect(StateSums.from(JSON.parse(JSON.stringify(a))).toJSON()).toEqual(a.toJSON());
    expect(() => StateSums.from({ version: 2, sums: {} })).toThrow('version');
  });
});

describe('a table', () => {
  test('of a two-state process says what its formula says, on and off, for 15 and 60 minutes', () => {
    const sums = new StateSums();
    const [on, off, watts] = [16, 48, 150];
    for (let seed = 0; seed < 10; seed += 1) {
      follow(sums, 'fridge', 4_000, memoryless(seed, on, off, watts));
    }
    const table = new StateTable(sums);
    const row = table.rowOf('none', 'fridge') ?? NaN;
    const duty = on / (on + off);
    const tau = 1 / (1 / on + 1 / off);
    for (const minutes of [15, 60]) {
      for (const isOn of [true, false]) {
        const share = duty + (Number(isOn) - duty) * (tau / minutes) * (1 - Math.exp(-minutes / tau));
        // Memoryless: the minutes in the state don't matter.
        for (const inState of [3, 10]) {
          const { mean } = table.estimate(row, cellOf(isOn, inState), 0, minutes);
          expect(Math.abs(mean - share * watts)).toBeLessThan(0.08 * watts);
        }
      }
    }
    // Far ahead the state is forgotten.
    const later = table.estimate(row, cellOf(true, 3), 120, 180);
    expect(Math.abs(later.mean - duty * watts)).toBeLessThan(0.05 * watts);
    expect(later.variance).toBeGreaterThan(table.estimate(row, cellOf(true, 3), 0, 60).variance);
  });

  test('trusts an appliance as far as it was seen, and its type for the rest', () => {
    const sums = new StateSums();
    const cell = cellOf(true, 10);
    for (let sample = 0; sample < 1_000; sample += 1) {
      sums.add('heater', 1, cell, 1_000);
    }
    for (let sample = 0; sample < 20; sample += 1) {
      sums.add('1_0_1_3', 1, cell, 2_000);
    }
    const table = new StateTable(sums, (key) => (key === 'heater' ? undefined : 'heater'));
    const rowOf = (id: string): number => table.rowOf(id, 'heater') ?? NaN;
    expect(table.estimate(rowOf('1_0_1_4'), cell, 0, 15).mean).toBeCloseTo(1_000);
    expect(table.estimate(rowOf('1_0_1_3'), cell, 0, 15).mean).toBeCloseTo(1_500);
    expect(table.rowOf('1_0_1_9', 'sauna')).toBeUndefined();
  });

  test('gives a mean within what was seen and a variance that is none below 0, for any samples and span', () => {
    const samples = fc.array(
      fc.tuple(fc.nat(HORIZONS_MIN.length - 1), fc.nat(CELLS - 1), fc.double({ min: 0, max: 4_000, noNaN: true })),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(
        samples,
        fc.nat(CELLS - 1),
        fc.nat(200),
        fc.integer({ min: 1, max: 200 }),
        (seen, cell, from, length) => {
          const sums = new StateSums();
          for (const [horizon, at, watts] of seen) {
            sums.add('a', horizon, at, watts);
          }
          const { mean, variance } = new StateTable(sums).estimate(0, cell, from, from + length);
          expect(mean).toBeGreaterThanOrEqual(0);
          expect(variance).toBeGreaterThanOrEqual(0);
          if (from === 0) {
            expect(mean).toBeLessThanOrEqual(Math.max(...seen.map(([, , watts]) => watts)) * 1.000_001);
          }
        },
      ),
    );
  });
});
