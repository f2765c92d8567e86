import { describe, expect, test } from '@jest/globals';

import {
  alarmMetrics,
  composedAlarms,
  dashboardMetrics,
  WantedMetricError,
} from '../../../rehearsal/metrics/wanted.ts';

const stat = (MetricName: string): object => ({ MetricStat: { Metric: { Namespace: 'n', MetricName }, Period: 60 } });

describe("an alarm's metrics", () => {
  test('are those of its expressions', () => {
    const metrics = alarmMetrics({
      AlarmName: 'a',
      Metrics: [
        { Id: 'sum', Expression: 'IF(one > 1, one + two)' },
        { Id: 'one', ...stat('x') },
        { Id: 'two', ...stat('y') },
      ],
    });
    expect(metrics.map(({ by, name }) => [by, name])).toEqual([
      ['alarm a', 'x'],
      ['alarm a', 'y'],
    ]);
  });

  test.each([
    ["SEARCH('{n} x', 'Sum')", "can't be known"],
    ['one + three', 'refers to three'],
    ['1 + 1', 'refers to no metric'],
  ])('of %s are refused', (Expression, reason) => {
    const alarm = {
      AlarmName: 'a',
      Metrics: [
        { Id: 'sum', Expression },
        { Id: 'one', ...stat('x') },
      ],
    };
    expect(() => alarmMetrics(alarm)).toThrow(WantedMetricError);
    expect(() => alarmMetrics(alarm)).toThrow(reason);
  });
});

test('a composite alarm names others by name or ARN', () => {
  const arn = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:c';
  expect(composedAlarms(`ALARM("a") AND NOT OK(b) OR INSUFFICIENT_DATA(${arn})`)).toEqual(['a', 'b', arn]);
});

describe("a dashboard's metrics", () => {
  const body = (...metrics: unknown[]): string =>
    JSON.stringify({ widgets: [{ type: 'text' }, { type: 'metric', properties: { title: 't', metrics } }] });

  test('have the dimensions that are written in pairs', () => {
    expect(dashboardMetrics('d', body(['n', 'x', 'one', '1', 'two', '2', { period: 60 }], ['n', 'y']))).toEqual([
      { by: 'dashboard d, "t"', namespace: 'n', name: 'x', dimensions: { one: '1', two: '2' }, period: 60 },
      { by: 'dashboard d, "t"', namespace: 'n', name: 'y', dimensions: {}, period: 300 },
    ]);
  });

  test('are refused when they are not written out, and when an expression has none', () => {
    expect(() => dashboardMetrics('d', body(['n', 'x', 'one', '1'], ['.', 'y', '.', '.']))).toThrow(WantedMetricError);
    expect(() => dashboardMetrics('d', body(['n', 'x', 'one']))).toThrow(WantedMetricError);
    expect(() => dashboardMetrics('d', body())).toThrow('dashboard d, "t": a graph without a metric');
    expect(() => dashboardMetrics('d', body([{ expression: 'SUM(METRICS())' }]))).toThrow(WantedMetricError);
    expect(() => dashboardMetrics('d', JSON.stringify({ widgets: [{ type: 'explorer' }] }))).toThrow();
  });
});
