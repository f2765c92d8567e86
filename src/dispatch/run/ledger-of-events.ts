/** The ledger of past calls, from the events that the book has: so it survives a restart with them. */
import { callsOf, type ShedEvent } from '../event/shed-event.ts';
import { endOfCall } from '../event/timing.ts';
import { Ledger } from '../ledger.ts';

const MINUTE_MS = 60_000;

/**
 * Every appliance that was off, as its house reported it. One that has not reported its release counts to the end by its
 * house's own timer.
 *
 * @param speed grid seconds for each second of the clock. Minutes of the ledger are grid time since 1970 at this speed.
 */
export function ledgerOfEvents(events: Iterable<ShedEvent>, speed: number): Ledger {
  const ledger = new Ledger();
  for (const event of events) {
    for (const call of callsOf(event)) {
      const { applianceId, houseId, offMs, onMs = endOfCall(call, event.releaseJitterMs) } = call;
      if (offMs !== undefined) {
        ledger.record({
          applianceId,
          houseId,
          startMin: ledgerMinute(offMs, speed),
          // Reports of a house whose clock was set in between.
          endMin: ledgerMinute(Math.max(offMs, onMs), speed),
        });
      }
    }
  }
  return ledger;
}

/** An instant of the wall clock in minutes of the ledger. */
export const ledgerMinute = (ms: number, speed: number): number => (ms * speed) / MINUTE_MS;
