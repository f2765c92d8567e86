import { expect, test } from '@jest/globals';

import { readCosts } from '../../../lib/capacity/costs.ts';
import { DRUID_TASK_READINGS_PER_SECOND } from '../../../lib/config/measured.ts';

test('what fields and alarms say of a Druid task is what bench/results.json says, in thousands', () => {
  expect(DRUID_TASK_READINGS_PER_SECOND).toBe(Math.floor(readCosts().druidTask / 1_000) * 1_000);
});
