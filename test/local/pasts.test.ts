import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { filledBy, pastsOf } from '../../local/pasts.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { DEFAULT_RANGE_MS } from '../../src/superset/settings.ts';

const SPAN = { from: 0, to: 3, fromMs: 1_000_000, toMs: 2_000_000 };
const local = {
  spansOf: ({ from, to }: { from: number; to: number }) => (from < SPAN.to && to > SPAN.from ? [SPAN] : []),
};

describe('the past of a run', () => {
  test('is as long as asked for the first playback, and what the dashboard shows for all others', () => {
    const { first, others } = pastsOf({ from: 0, to: 4, speed: 24, backfill: '1d' }, local);
    expect(first).toMatchObject({ from: 0, to: 1, ms: 3_600_000 });
    expect(others).toMatchObject({ from: 1, to: 4, ms: DEFAULT_RANGE_MS });
  });

  test('is never longer for the others than for the first', () => {
    const { first, others } = pastsOf({ from: 0, to: 4, speed: 24, backfill: '2h' }, local);
    expect([first.ms, others.ms]).toEqual([300_000, 300_000]);
    expect(pastsOf({ from: 0, to: 4, speed: 24, backfill: '0' }, local).others.ms).toBe(0);
  });

  test('is none for others when there are none', () => {
    expect(pastsOf({ from: 2, to: 3, speed: 24, backfill: '1d' }, local).others.ms).toBe(0);
  });

  test('leaves out what one of the playbacks has already', () => {
    const { first, others } = pastsOf({ from: 3, to: 5, speed: 1, backfill: '1h' }, local);
    expect([first.filled, others.filled]).toEqual([[], []]);
    const again = pastsOf({ from: 2, to: 5, speed: 1, backfill: '1h' }, local);
    expect(filledBy(again.first, 4_600_500, 4_602_000)).toEqual([{ fromMs: 2_000_000, toMs: 4_602_000 }]);
    expect(filledBy({ ...again.first, ms: 0 }, 4_600_500, 4_602_000)).toEqual([]);
  });

  test("is of the dashboard's default range", () => {
    const page = readFileSync(repositoryPath('ec2-userdata', 'superset', 'assets', 'dashboards', 'igrid.yaml'), 'utf8');
    expect(page).toContain(`time_range: Last ${DEFAULT_RANGE_MS / 60_000} minutes`);
  });
});
