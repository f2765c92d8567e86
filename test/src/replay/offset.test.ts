import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { OFFSET_RANGE_MS, OFFSET_STEP_MS, offsetOf } from '../../../src/replay/offset.ts';

describe('the offset of a playback', () => {
  test('is none for playback 0, and for others whole steps within the range of grid time', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), fc.double({ min: 1, max: 120, noNaN: true }), (playback, speed) => {
        const offset = offsetOf(playback, speed);
        expect(offsetOf(0, speed)).toBe(0);
        expect(offset % OFFSET_STEP_MS).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset * speed).toBeLessThan(OFFSET_RANGE_MS);
      }),
    );
  });

  test('is spread evenly whichever playbacks a machine has', () => {
    const playbacks = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(playbacks, fc.constantFrom(1, 2.4, 24, 120), (from, speed) => {
        const steps = Math.floor(OFFSET_RANGE_MS / speed / OFFSET_STEP_MS);
        const members = new Array<number>(steps).fill(0);
        for (let playback = from; playback < from + 20 * steps; playback += 1) {
          const step = offsetOf(playback, speed) / OFFSET_STEP_MS;
          members[step] = (members[step] ?? NaN) + 1;
        }
        expect(Math.min(...members)).toBeGreaterThanOrEqual(17);
        expect(Math.max(...members)).toBeLessThanOrEqual(23);
      }),
      { numRuns: 20 },
    );
  });
});
