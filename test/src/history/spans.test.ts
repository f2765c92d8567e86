import { describe, expect, test } from '@jest/globals';

import { gridClock } from '../../../src/core/clock/grid-clock.ts';
import { spansBefore } from '../../../src/history/spans.ts';

const SLOT = Date.UTC(2026, 10, 23, 12);

describe('the spans of a slot', () => {
  test('lie one window of grid time around the same moment of each grid day before, newest first', () => {
    const minutes = 60_000;
    expect(spansBefore(SLOT, gridClock(1), 2)).toEqual([
      { fromMs: SLOT - 24 * 60 * minutes - 20 * minutes, toMs: SLOT - 24 * 60 * minutes + 20 * minutes },
      { fromMs: SLOT - 48 * 60 * minutes - 20 * minutes, toMs: SLOT - 48 * 60 * minutes + 20 * minutes },
    ]);
  });

  test('shrink with the speed: at 24 a day is an hour and a window 50 seconds', () => {
    expect(spansBefore(SLOT, gridClock(24), 1)).toEqual([
      { fromMs: SLOT - 3_600_000 - 50_000, toMs: SLOT - 3_600_000 + 50_000 },
    ]);
  });

  test('hold whole seconds at any speed, since Druid keeps readings by the second', () => {
    for (const speed of [1, 7, 24, 49.5, 113]) {
      for (const { fromMs, toMs } of spansBefore(SLOT + 123, gridClock(speed), 5)) {
        expect([fromMs % 1_000, toMs % 1_000]).toEqual([0, 0]);
        expect(Math.abs(toMs - fromMs - 2 * gridClock(speed).historyWindowMs)).toBeLessThan(1_000);
      }
    }
  });
});
