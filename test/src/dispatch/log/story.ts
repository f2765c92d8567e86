/** What happens to events in tests of the log: small, and with every kind of record. */
import type { BookInput, EventBook } from '../../../../src/dispatch/book/book.ts';
import { callOf, END, NOW, planOf as planOfCalls, START } from '../event/plans.ts';

export { END, NOW, START };

export const proposal = (id: string): BookInput => ({
  kind: 'propose',
  request: { id, feeder: 'F1', targetW: 200, minutes: 1, reason: 'test', requestedBy: 'ann', confirmedBy: null },
});

/** A plan that calls appliance 5 of each house. */
export const planOf = (event: string, houses: readonly string[]): BookInput => ({
  kind: 'tell',
  event,
  input: {
    kind: 'plan',
    by: 'ann',
    plan: planOfCalls(houses.map((houseId) => callOf(houseId))),
  },
});

export const startOf = (event: string): BookInput => ({ kind: 'tell', event, input: { kind: 'start', by: 'ann' } });

/** A house that accepts what it was told last. */
export const acknowledged = (book: EventBook, event: string, house: string): BookInput => {
  const told = book.event(event)?.houses[house];
  return {
    kind: 'report',
    report: {
      type: 'acknowledgement',
      version: 1,
      house,
      at: NOW,
      event,
      seq: told?.seq ?? 1,
      accepted: told?.commanded.map(({ appliance }) => appliance) ?? [],
      refused: [],
    },
  };
};

/** Two events from proposal to end: planned twice, started, opted out of, stopped. */
export function steps(): { readonly nowMs: number; readonly inputs: readonly BookInput[] }[] {
  const step = (nowMs: number, ...inputs: BookInput[]) => ({ nowMs, inputs });
  return [
    step(NOW, proposal('e1')),
    step(NOW + 1, planOf('e1', ['1_0_1', '1_0_2', '1_0_3'])),
    step(NOW + 2, planOf('e1', ['1_0_2', '1_0_3'])),
    step(NOW + 3, startOf('e1'), proposal('e2')),
    step(NOW + 4, {
      kind: 'report',
      report: { type: 'optouts', version: 1, house: '1_0_2', at: NOW + 4, optouts: [{}] },
    }),
    step(NOW + 5, { kind: 'tell', event: 'e1', input: { kind: 'replacement', calls: [] } }),
    step(START, { kind: 'tick' }),
    step(START + 5_000, { kind: 'tick' }),
    step(START + 6_000, { kind: 'stop-all', by: 'ann', reason: 'test', releaseJitterMs: 0 }),
    step(END + 60_000, { kind: 'tick' }),
  ];
}
