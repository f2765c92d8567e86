import { describe, expect, test } from '@jest/globals';

import { checkConfig, loadConfig } from '../../../lib/config/load.ts';
import { PRESETS, type PresetName } from '../../../lib/config/presets.ts';
import { estimate, HOURS_PER_MONTH, total } from '../../../lib/cost/estimate.ts';

describe('an estimate', () => {
  test.each(Object.keys(PRESETS) as PresetName[])('has a price for everything in the preset %s', (preset) => {
    expect(total(estimate(loadConfig({ preset })))).toBeGreaterThan(100);
  });

  test('counts what the configuration counts', () => {
    const brokers = (number: number) =>
      estimate(checkConfig({ stream: { brokers: number } })).find(({ what }) => what === 'msk/kafka.m5.large')?.usd;
    expect(brokers(3)).toBeCloseTo(3 * 0.21 * HOURS_PER_MONTH, 6);
    expect(brokers(6)).toBeCloseTo(6 * 0.21 * HOURS_PER_MONTH, 6);
  });

  test('names the type that it has no price of', () => {
    expect(() => estimate(checkConfig({ olap: { instanceType: 'x9.huge' } }))).toThrow('no price of ec2/x9.huge');
  });

  test('costs nothing for producers that are not there', () => {
    const parts = estimate(checkConfig({ replay: { machines: 0 } })).map(({ part }) => part);
    expect(parts).not.toContain('replay');
  });
});
