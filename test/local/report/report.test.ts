import { describe, expect, test } from '@jest/globals';

import { quantile } from '../../../local/report/freshness.ts';
import { type Counts, disagreements } from '../../../local/report/report.ts';

const agreeing: Counts = {
  readings: { sent: 100, acked: 100, late: 0, lost: 0, rejected: { cut_row: 3 } },
  topics: { powerraw: 102, dutycycle: 40, history: 7, deadletter: 2 },
  druid: { powerraw: 100, dutycycle: 40, history: 7 },
  repeats: { powerraw: 0, dutycycle: 5, history: 0 },
  windows_expected: 40,
  windows: { missing: 0, unexpected: 0 },
};

describe('the reconciliation', () => {
  test('is content when every count agrees, dead letters not counted as readings', () => {
    expect(disagreements(agreeing)).toEqual([]);
  });

  test.each<[string, Partial<Counts>]>([
    ['a reading that was sent and never acknowledged', { readings: { ...agreeing.readings, sent: 101 } }],
    ['a reading that Kafka lost', { topics: { ...agreeing.topics, powerraw: 101 } }],
    ['a reading that Druid counts twice', { druid: { ...agreeing.druid, powerraw: 101 } }],
    ['a reading that is in Kafka twice', { repeats: { ...agreeing.repeats, powerraw: 1 } }],
    ['a window that Spark did not write', { topics: { ...agreeing.topics, dutycycle: 39 } }],
    ['a duty cycle that Druid lacks', { druid: { ...agreeing.druid, dutycycle: 39 } }],
    ['a history message that Druid lacks', { druid: { ...agreeing.druid, history: 6 } }],
    ['a message that was gone before Spark read it', { readings: { ...agreeing.readings, lost: 1 } }],
    ['a late reading', { readings: { ...agreeing.readings, late: 1 } }],
    ['one window missing and another one too many', { windows: { missing: 1, unexpected: 1 } }],
  ])('names %s', (_, wrong) => {
    expect(disagreements({ ...agreeing, ...wrong })).not.toEqual([]);
  });
});

describe('a quantile', () => {
  test('is a measured value that the given share does not pass', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(values, 0.5)).toBe(50);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile([7], 0.99)).toBe(7);
  });
});
