import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { PHASE_RANGE_MS, PHASE_STEP_MS, phaseOf } from '../../../src/replay/offset.ts';

describe('the phase of a playback', () => {
  test('is none for playback 0, and for others whole steps within the range of grid time', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), fc.double({ min: 1, max: 120, noNaN: true }), (playback, speed) => {
        const phase = phaseOf(playback, speed);
        expect(phaseOf(0, speed)).toBe(0);
        expect(phase % PHASE_STEP_MS).toBe(0);
        expect(phase).toBeGreaterThanOrEqual(0);
        expect(phase * speed).toBeLessThan(PHASE_RANGE_MS);
      }),
    );
  });

  test('is spread evenly whichever playbacks a machine has', () => {
    const playbacks = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(playbacks, fc.constantFrom(1, 2.4, 24, 120), (from, speed) => {
        const steps = Math.floor(PHASE_RANGE_MS / speed / PHASE_STEP_MS);
        const members = new Array<number>(steps).fill(0);
        for (let playback = from; playback < from + 20 * steps; playback += 1) {
          const step = phaseOf(playback, speed) / PHASE_STEP_MS;
          members[step] = (members[step] ?? NaN) + 1;
        }
        expect(Math.min(...members)).toBeGreaterThanOrEqual(17);
        expect(Math.max(...members)).toBeLessThanOrEqual(23);
      }),
      { numRuns: 20 },
    );
  });
});
