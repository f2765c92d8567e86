/** A small plan for tests of events: its times, and calls of 100 W each. */
import type { EventPlan } from '../../../../src/dispatch/event/event-plan.ts';
import type { NewCall } from '../../../../src/dispatch/event/shed-event.ts';

export const NOW = 1_000_000;
export const START = NOW + 1_000;
export const END = START + 60_000;
export const MAX_OFF = 90_000;

export const callOf = (houseId: string, appliance = 5): NewCall => ({
  applianceId: `${houseId}_${appliance}`,
  houseId,
  notBeforeMs: START,
  untilMs: END,
  maxOffMs: MAX_OFF,
  expectedW: 100,
  variance: 100,
});

export const planOf = (calls: readonly NewCall[]): EventPlan => ({
  hash: 'h1',
  targetW: 200,
  minutes: 1,
  startMs: START,
  endMs: END,
  promisedW: 200,
  startJitterMs: 500,
  releaseJitterMs: 1_000,
  calls: [...calls],
});
