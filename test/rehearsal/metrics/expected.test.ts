import { expect, test } from '@jest/globals';

import { RARE_METRICS } from '../../../lib/config/metric-names.ts';
import { describeExpected, expectedMetrics } from '../../../rehearsal/metrics/expected.ts';
import type { WantedMetric } from '../../../rehearsal/metrics/wanted.ts';

const metric = (namespace: string, name: string, by = 'alarm a', machine = 'm'): WantedMetric => ({
  ...{ by, namespace, name, period: 60 },
  dimensions: namespace === 'AWS/Kafka' ? {} : { machine },
});

test("ours must have data, each once; trouble's and AWS' own are named instead of checked", () => {
  const expected = expectedMetrics([
    metric('iGrid/x', 'mem_used_percent'),
    metric('iGrid/x', 'mem_used_percent', 'dashboard d, "Memory"'),
    metric('iGrid/x', 'mem_used_percent', 'alarm b', 'other'),
    metric('iGrid/x', RARE_METRICS.slotFailures),
    metric('AWS/Kafka', 'CpuUser'),
    metric('AWS/Kafka', 'SumOffsetLag'),
    metric('AWS/RDS', 'CPUUtilization'),
  ]);
  expect(expected.own.map(({ dimensions }) => dimensions)).toEqual([{ machine: 'm' }, { machine: 'other' }]);
  expect(describeExpected(expected)).toBe(
    '2 metrics of hosts, programs and filters have data; 1 have data only when something is wrong (SlotFailures); ' +
      "not checked, because only AWS' own services publish them: AWS/Kafka 2, AWS/RDS 1",
  );
});
