import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { nowOf, nowSeconds, powerNowSql } from '../../../src/druid/power-now.ts';
import { repositoryPath } from '../../../src/files/repository.ts';

const cases = z
  .array(z.object({ max_gap_ms: z.int(), newest: z.iso.datetime(), start: z.iso.datetime(), end: z.iso.datetime() }))
  .nonempty()
  .parse(JSON.parse(readFileSync(repositoryPath('test', 'support', 'power-now.json'), 'utf8')));

describe('"power now"', () => {
  // The dashboard is held to the same cases by test/ec2-userdata/superset/test_grid_sql.py.
  test.each(cases)('of the newest reading $newest is from $start to $end', ({ max_gap_ms, newest, start, end }) => {
    const now = nowOf(Date.parse(newest), nowSeconds({ maxGapMs: max_gap_ms }));
    expect(now).toEqual({ startMs: Date.parse(start), endMs: Date.parse(end) });
  });

  test('is the energy of its time divided by its length, of appliances alone', () => {
    const { watts, condition } = powerNowSql({ startMs: 10_000, endMs: 15_000 });
    expect(watts).toBe('SUM(energy) / 5');
    expect(condition).toBe(
      '__time >= MILLIS_TO_TIMESTAMP(10000) AND __time < MILLIS_TO_TIMESTAMP(15000) ' +
        "AND LOOKUP(appliance_name, 'appliance_role') = 'appliance'",
    );
  });
});

test('the dashboard sums the same appliances in the same way', () => {
  const dataset = readFileSync(
    repositoryPath('ec2-userdata', 'superset', 'assets', 'datasets', 'druid', 'appliances_now.yaml'),
    'utf8',
  );
  const sql = readFileSync(repositoryPath('ec2-userdata', 'superset', 'grid_sql.py'), 'utf8');
  expect(dataset).toContain(
    'SUM(energy) FILTER (WHERE __time >= {{ grid.now_start }}) / {{ grid.now_seconds }} AS watts',
  );
  expect(dataset).toContain('AND {{ grid.is_appliance }}');
  expect(sql).toContain(`is_appliance = "LOOKUP(appliance_name, 'appliance_role') = 'appliance'"`);
});
