import { describe, expect, test } from '@jest/globals';

import { gridClock } from '../../../src/core/clock/grid-clock.ts';
import { batchSeconds, windowsPerBatch } from '../../../tools/size/batches.ts';

const { slideMs } = gridClock(24);

/** Ends of the windows that hold a reading of a batch, by their definition. */
function counted(hz: number, seconds: number, fromMs: number): number {
  const ends = new Set<number>();
  for (let n = 0; n < hz * seconds; n += 1) {
    const timestamp = fromMs + (n * 1_000) / hz;
    const first = Math.floor(timestamp / slideMs) * slideMs + slideMs;
    for (let slide = 0; slide < 5; slide += 1) {
      ends.add(first + slide * slideMs);
    }
  }
  return ends.size;
}

describe('batches', () => {
  test.each([
    [10, 1],
    [10, 30],
    [0.2, 5],
    [1, 20],
  ])('of %d readings a second, %d s long, look up the windows that hold their readings', (hz, seconds) => {
    // On average over where in a slide a batch begins.
    const starts = Array.from({ length: 500 }, (_, index) => (index * slideMs) / 500);
    const mean = starts.reduce((sum, from) => sum + counted(hz, seconds, from), 0) / starts.length;
    expect(Math.abs(windowsPerBatch({ hz, batchSeconds: seconds, slideMs }) - mean)).toBeLessThan(0.3);
  });

  test('are as short as their windows allow, and no longer than a slide', () => {
    const windows = (cost: number) => (seconds: number) => ({ readings: 2, windows: cost / seconds });
    expect([1, 10, 25, 1_000].map((cost) => batchSeconds(120_000, windows(cost)))).toEqual([1, 5, 20, 30]);
    expect(batchSeconds(5_000, windows(1_000))).toBe(5);
    expect(batchSeconds(500, windows(1_000))).toBe(1);
  });
});
