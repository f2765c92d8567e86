import { describe, expect, test } from '@jest/globals';

import { usualPower, usualPowerRow, usualPowerSql } from '../../../src/history/usual-power.ts';

const SPANS = [
  { fromMs: 900_000, toMs: 1_000_000 },
  { fromMs: 500_000, toMs: 600_000 },
];
const APPLIANCE = { appliance_id: '1_0_1_5', house_id: '1_0_1', appliance_name: 'refrigerator' };
const row = (energy: number | null, observed_1: number | null, observed_2: number | null) =>
  usualPowerRow(SPANS.length).parse({ ...APPLIANCE, energy, observed_1, observed_2 });

describe('usual power', () => {
  test('is energy over observed time, not the mean of the days', () => {
    // 90 s at 100 W on one day, 10 s at 1,000 W on the other: the mean of means would be 550 W.
    const message = usualPower(row(90 * 100 + 10 * 1_000, 90_000, 10_000), 2_000_000, SPANS);
    expect(message).toEqual({
      house_id: '1_0_1',
      appliance_id: '1_0_1_5',
      appliance_name: 'refrigerator',
      timestamp: 2_000_000,
      mean_power: 190,
      days: 2,
      coverage: 0.5,
    });
  });

  test('counts the days that had data, and takes coverage of all that were asked for', () => {
    expect(usualPower(row(5_000, null, 50_000), 2_000_000, SPANS)).toMatchObject({
      mean_power: 100,
      days: 1,
      coverage: 0.25,
    });
  });

  test('gives nothing for an appliance that was not observed: no data is not 0 W', () => {
    expect(usualPower(row(null, null, null), 2_000_000, SPANS)).toBeUndefined();
    expect(usualPower(row(0, 0, null), 2_000_000, SPANS)).toBeUndefined();
  });

  test('is 0 W when the appliance was observed and drew nothing', () => {
    expect(usualPower(row(0, 100_000, 100_000), 2_000_000, SPANS)).toMatchObject({ mean_power: 0, coverage: 1 });
  });

  test('refuses a row that is not what was asked for', () => {
    const shape = usualPowerRow(SPANS.length);
    const whole = { ...APPLIANCE, energy: 1, observed_1: 1, observed_2: 1 };
    expect(shape.safeParse(whole).success).toBe(true);
    expect(shape.safeParse({ ...whole, house_id: null }).success).toBe(false);
    expect(shape.safeParse({ ...whole, energy: '1' }).success).toBe(false);
    expect(shape.safeParse({ ...whole, observed_2: undefined }).success).toBe(false);
  });
});

describe('the query for usual power', () => {
  test('asks for each span with whole milliseconds, and excludes what measures the grid itself', () => {
    const sql = usualPowerSql(SPANS);
    expect(sql).toContain('MILLIS_TO_TIMESTAMP(900000)');
    expect(sql.match(/FILTER \(WHERE/g)).toHaveLength(2);
    expect(sql).toContain("appliance_name NOT IN ('canary')");
  });
});
