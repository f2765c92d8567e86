/** What alarms and graphs ask for has data: an alarm on a metric that does not exist never rings. */
import type { Check } from '../check.ts';
import { eventually } from '../eventually.ts';
import { deployedMetrics, withoutData } from '../metrics/deployed.ts';
import { describeExpected, expectedMetrics } from '../metrics/expected.ts';
import { describeMetric, type WantedMetric } from '../metrics/wanted.ts';

/** Metrics come once a minute, and history is computed once a slot, ms. */
const PATIENCE_MS = 300_000;

export const metrics: Check = {
  name: 'metrics',
  expectation:
    'every metric of hosts, programs and filters that an alarm or a graph asks for has data with its dimensions',
  after: ['slots'],
  run: async () => {
    const expected = expectedMetrics(await deployedMetrics());
    let missing: readonly WantedMetric[] = expected.own;
    await eventually(
      async () => {
        missing = await withoutData(missing);
        return missing.length === 0;
      },
      { timeoutMs: PATIENCE_MS, everyMs: 5_000 },
      () => `no data of ${missing.map((metric) => `${describeMetric(metric)} (${metric.by})`).join(', ')}`,
    );
    return describeExpected(expected);
  },
};
