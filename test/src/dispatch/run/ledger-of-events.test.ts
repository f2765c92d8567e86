import { expect, test } from '@jest/globals';

import {
  type EventCall,
  proposedEvent,
  type ShedEvent,
  shedEventSchema,
} from '../../../../src/dispatch/event/shed-event.ts';
import { ledgerMinute, ledgerOfEvents } from '../../../../src/dispatch/run/ledger-of-events.ts';

const SPEED = 24;
/** One minute of grid time. */
const MINUTE_MS = 2_500;
const START = 1_000 * MINUTE_MS;

const call = (appliance: number, patch: Partial<EventCall>): EventCall => ({
  applianceId: `1_0_1_${appliance}`,
  houseId: '1_0_1',
  notBeforeMs: START,
  untilMs: START + 15 * MINUTE_MS,
  maxOffMs: 20 * MINUTE_MS,
  expectedW: 100,
  variance: 1,
  status: 'released',
  ...patch,
});

function eventOf(...calls: EventCall[]): ShedEvent {
  const request = { feeder: 'F1', targetW: 1, minutes: 15, reason: '', requestedBy: 'ann', confirmedBy: null };
  return shedEventSchema.parse({
    ...proposedEvent({ id: 'e1', ...request }, START),
    releaseJitterMs: MINUTE_MS,
    houses: {
      '1_0_1': {
        seq: 1,
        issuedMs: START,
        attempts: 1,
        deadlineMs: START,
        answer: 'acknowledged',
        commanded: [],
        reportedMs: START,
        calls: Object.fromEntries(calls.map((one) => [one.applianceId, one])),
      },
    },
  });
}

test('the ledger has who was off, from off to on, in grid time', () => {
  const ledger = ledgerOfEvents(
    [
      eventOf(
        call(5, { offMs: START, onMs: START + 10 * MINUTE_MS }),
        // It has not reported its release: until and jitter.
        call(6, { status: 'off', offMs: START + MINUTE_MS }),
        call(7, { status: 'refused' }),
        // Its clock was set back.
        call(8, { offMs: START, onMs: START - MINUTE_MS }),
      ),
    ],
    SPEED,
  );
  expect(ledger.toJSON().map(({ applianceId, startMin, endMin }) => [applianceId, startMin, endMin])).toEqual([
    ['1_0_1_5', 1_000, 1_010],
    ['1_0_1_6', 1_001, 1_016],
    ['1_0_1_8', 1_000, 1_000],
  ]);
  expect(ledger.of('1_0_1_5', ledgerMinute(START + 30 * MINUTE_MS, SPEED))).toEqual({
    sinceReleaseMin: 20,
    usedDayMin: 10,
    usedWeekMin: 10,
  });
});
