import { createHash } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { applianceId, houseId, powerFactor } from '../../../src/replay/identity.ts';

describe('ids', () => {
  test('name data set, playback, house and channel', () => {
    expect(houseId('REDD', 7, '3')).toBe('1_7_3');
    expect(applianceId(houseId('GREEND', 0, '5'), '12')).toBe('2_0_5_12');
  });
});

describe('the power factor of a house', () => {
  test('is the documented function of seed and house id', () => {
    const hash = createHash('sha256').update('1:1_0_1').digest('hex');
    const fraction = Number.parseInt(hash.slice(0, 12), 16) / 2 ** 48;
    expect(powerFactor('1', '1_0_1')).toBeCloseTo(0.8 + 0.4 * fraction, 12);
  });

  test('is spread evenly over 0.8 to 1.2, and differs with the seed', () => {
    const factors = Array.from({ length: 4_000 }, (_, playback) => powerFactor('1', houseId('REDD', playback, '1')));
    const tenths = new Array<number>(10).fill(0);
    for (const factor of factors) {
      const tenth = Math.floor(((factor - 0.8) / 0.4) * 10);
      expect(tenth).toBeGreaterThanOrEqual(0);
      expect(tenth).toBeLessThan(10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // 400 each, standard deviation 19: five of them either way.
    for (const count of tenths) {
      expect(Math.abs(count - 400)).toBeLessThan(95);
    }
    expect(powerFactor('2', '1_0_1')).not.toBe(powerFactor('1', '1_0_1'));
  });
});
