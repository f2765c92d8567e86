import { describe, expect, test } from '@jest/globals';

import { gridClock } from '../../../src/core/clock/grid-clock.ts';
import { historySchedule } from '../../../src/history/schedule.ts';

describe('the schedule of history', () => {
  test.each([
    [1, 600_000, 1, 600_000],
    [24, 25_000, 1, 25_000],
    [25, 24_000, 2, 48_000],
    [60, 10_000, 3, 30_000],
    [120, 5_000, 5, 25_000],
  ])('at speed %d has a half window of %d ms, of which every %d. is a slot: one in %d ms', (speed, half, nth, ms) => {
    expect(historySchedule(gridClock(speed))).toEqual({ halfWindowMs: half, everyNth: nth, intervalMs: ms });
  });

  test('is never more often than every 25 s and never more than a half window slower than that', () => {
    for (let speed = 1; speed <= 120; speed += 0.5) {
      const { halfWindowMs, intervalMs } = historySchedule(gridClock(speed));
      expect(intervalMs).toBeGreaterThanOrEqual(25_000);
      expect(intervalMs === halfWindowMs || intervalMs < 25_000 + halfWindowMs).toBe(true);
    }
  });
});
