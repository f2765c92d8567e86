import { describe, expect, test } from '@jest/globals';

import { canonicalJson } from '../../../../src/core/canonical.ts';
import type { Command } from '../../../../src/core/shed/command.ts';
import type { HouseState, OptOuts, Refusal, Report } from '../../../../src/core/shed/reports.ts';
import { type BookInput, EventBook } from '../../../../src/dispatch/book/book.ts';
import { type BookStep, isStored } from '../../../../src/dispatch/book/book-step.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import type { EventPlan } from '../../../../src/dispatch/event/event-plan.ts';
import { EventActionError } from '../../../../src/dispatch/event/inputs.ts';
import {
  callsOf,
  type EventRequest,
  type NewCall,
  shedEventSchema,
} from '../../../../src/dispatch/event/shed-event.ts';
import { callOf, NOW, planOf, START } from '../event/plans.ts';

const policy = dispatchPolicyOf();
const request = (id: string): EventRequest => ({
  id,
  feeder: 'F1',
  targetW: 200,
  minutes: 1,
  reason: 'test',
  requestedBy: 'ann',
  confirmedBy: null,
});

const plan = (...calls: NewCall[]): EventPlan => planOf(calls);

const act = (book: EventBook, nowMs: number, ...inputs: BookInput[]): BookStep => {
  const step = book.decide(inputs, nowMs);
  book.accept(step);
  return step;
};

/** An event that calls these and has told their houses. */
function run(book: EventBook, id: string, calls: readonly NewCall[], nowMs = NOW): BookStep {
  return act(
    book,
    nowMs,
    { kind: 'propose', request: request(id) },
    { kind: 'tell', event: id, input: { kind: 'plan', by: 'ann', plan: plan(...calls) } },
    { kind: 'tell', event: id, input: { kind: 'start', by: 'ann' } },
  );
}

const commands = (step: BookStep): Command[] =>
  step.decisions.flatMap((one) => (one.kind === 'command' ? [one.command] : []));

const accepted = ({ house, event, seq, calls }: Command, at = NOW): BookInput => ({
  kind: 'report',
  report: {
    type: 'acknowledgement',
    version: 1,
    house,
    at,
    event,
    seq,
    accepted: calls.map(({ appliance }) => appliance),
    refused: [],
  },
});

const report = (one: Report): BookInput => ({ kind: 'report', report: one });
const optOuts = (house: string, at: number, optouts: OptOuts['optouts']): BookInput =>
  report({ type: 'optouts', version: 1, house, at, optouts });
const state = (house: string, at: number, appliances: HouseState['appliances']): BookInput =>
  report({ type: 'state', version: 1, house, at, seq: 1, is_clock_synchronised: true, appliances });

const statuses = (book: EventBook, id: string): Record<string, string> => {
  const event = book.event(id);
  return Object.fromEntries((event ? callsOf(event) : []).map(({ applianceId, status }) => [applianceId, status]));
};

/** A book as a restart finds it. */
const restarted = (book: EventBook, stop: BookStep['stop']): EventBook =>
  new EventBook(policy, {
    events: book.events().map((event) => shedEventSchema.parse(JSON.parse(canonicalJson(event)))),
    stop,
  });

describe('the book', () => {
  test('numbers commands to a house over all events, in one step and in later ones', () => {
    const book = new EventBook(policy);
    const first = run(book, 'e1', [callOf('1_0_1', 5), callOf('1_0_2', 5)]);
    const second = run(book, 'e2', [callOf('1_0_1', 6)]);
    expect(commands(first).map(({ house, seq }) => [house, seq])).toEqual([
      ['1_0_1', NOW],
      ['1_0_2', NOW],
    ]);
    expect(commands(second).map(({ house, seq }) => [house, seq])).toEqual([['1_0_1', NOW + 1]]);
    // Both events of the house get a command in one step.
    const stopped = act(book, NOW, { kind: 'stop-all', by: 'ann', reason: 'test', releaseJitterMs: 0 });
    const seqs = commands(stopped).flatMap(({ house, seq }) => (house === '1_0_1' ? [seq] : []));
    expect(new Set(seqs).size).toBe(2);
    expect(Math.min(...seqs)).toBeGreaterThan(NOW + 1);
  });

  test('goes on with the numbers after a restart, also when the clock has stepped back', () => {
    const book = new EventBook(policy);
    run(book, 'e1', [callOf('1_0_1', 5)]);
    const again = restarted(book, undefined);
    expect(commands(run(again, 'e2', [callOf('1_0_1', 6)], NOW - 500)).map(({ seq }) => seq)).toEqual([NOW + 1]);
  });

  test('decides without a change of its state, and refuses a step that is outdated', () => {
    const book = new EventBook(policy);
    const step = book.decide([{ kind: 'propose', request: request('e1') }], NOW);
    expect(book.event('e1')).toBeUndefined();
    const other = book.decide([{ kind: 'propose', request: request('e2') }], NOW);
    book.accept(other);
    expect(() => book.accept(step)).toThrow('the book has changed since the step was decided');
    expect(book.events().map(({ id }) => id)).toEqual(['e2']);
  });

  test('brings an acknowledgement to its event only, and counts those of no open event', () => {
    const book = new EventBook(policy);
    const [first] = commands(run(book, 'e1', [callOf('1_0_1', 5)]));
    run(book, 'e2', [callOf('1_0_1', 6)]);
    if (!first) {
      throw new Error('a command is expected');
    }
    const step = act(book, NOW + 10, accepted(first), accepted({ ...first, event: 'e9' }));
    expect(statuses(book, 'e1')).toEqual({ '1_0_1_5': 'accepted' });
    expect(statuses(book, 'e2')).toEqual({ '1_0_1_6': 'sent' });
    expect([...step.ignored]).toEqual([['unknown_event', 1]]);
    // Once more: nothing to store.
    expect(isStored(act(book, NOW + 20, accepted(first)))).toBe(false);
  });

  test('tells every event of a house its state, and each sees its own appliances', () => {
    const book = new EventBook(policy);
    const made = [
      ...commands(run(book, 'e1', [callOf('1_0_1', 5)])),
      ...commands(run(book, 'e2', [callOf('1_0_1', 6)])),
    ];
    act(book, NOW + 10, ...made.map((command) => accepted(command)));
    act(
      book,
      START + 600,
      state('1_0_1', START + 600, [{ appliance: '1_0_1_5', event: 'e1', state: 'off', since: START + 100 }]),
    );
    expect(statuses(book, 'e1')).toEqual({ '1_0_1_5': 'off' });
    expect(statuses(book, 'e2')).toEqual({ '1_0_1_6': 'accepted' });
    expect([...book.held()].sort()).toEqual([
      ['1_0_1_5', 'e1'],
      ['1_0_1_6', 'e2'],
    ]);
  });

  test('calls nobody who has opted out before the plan came, and forgets opt-outs that were taken back', () => {
    const book = new EventBook(policy);
    act(book, NOW, optOuts('1_0_1', NOW, [{}]), optOuts('1_0_2', NOW, [{ appliance: '1_0_2_5' }]));
    const step = run(book, 'e1', [callOf('1_0_1', 5), callOf('1_0_2', 5), callOf('1_0_2', 6)]);
    expect(commands(step).map(({ house, calls }) => [house, calls.map(({ appliance }) => appliance)])).toEqual([
      ['1_0_2', ['1_0_2_6']],
    ]);
    // An older message that comes later changes nothing; a newer one does.
    expect([...act(book, NOW, optOuts('1_0_1', NOW - 5, [])).ignored]).toEqual([['outdated', 1]]);
    expect(book.optOutsOf('1_0_1')?.optouts).toEqual([{}]);
    act(book, NOW, optOuts('1_0_1', NOW + 5, []));
    expect(commands(run(book, 'e2', [callOf('1_0_1', 5)]))).toHaveLength(1);
  });

  test('asks the planner for others when somebody opts out, and calls whom it names', () => {
    const book = new EventBook(policy);
    run(book, 'e1', [callOf('1_0_1', 5), callOf('1_0_2', 5)]);
    const step = act(book, NOW + 100, optOuts('1_0_1', NOW + 100, [{}]));
    expect(step.decisions).toContainEqual({ kind: 'replace', event: 'e1', lostW: 100 });
    const answer = act(book, NOW + 200, {
      kind: 'tell',
      event: 'e1',
      input: { kind: 'replacement', calls: [callOf('1_0_3', 5)] },
    });
    expect(commands(answer).map(({ house }) => house)).toEqual(['1_0_3']);
  });

  test('ticks the events that are due, and no others', () => {
    const book = new EventBook(policy);
    expect(book.nextMs).toBe(Infinity);
    run(book, 'e1', [callOf('1_0_1', 5)]);
    run(book, 'e2', [callOf('1_0_2', 5)], NOW + 100);
    expect(book.nextMs).toBe(START);
    expect(book.events().map(({ phase }) => phase)).toEqual(['notified', 'notified']);
    expect(isStored(act(book, START - 1, { kind: 'tick' }))).toBe(false);
    const step = act(book, START, { kind: 'tick' });
    expect(step.events.map(({ after }) => [after.id, after.phase])).toEqual([
      ['e1', 'active'],
      ['e2', 'active'],
    ]);
    expect(book.nextMs).toBe(NOW + policy.ackMs);
    const asked = act(book, NOW + policy.ackMs, { kind: 'tick' });
    expect(commands(asked).map(({ house }) => house)).toEqual(['1_0_1']);
  });
});

describe('a stop of all', () => {
  const stop: BookInput = { kind: 'stop-all', by: 'ann', reason: 'smoke', releaseJitterMs: 2_000 };

  test('is newer than every command before, older than every one after, and numbered', () => {
    const book = new EventBook(policy);
    run(book, 'e1', [callOf('1_0_1', 5)], NOW);
    // The clock has stepped back.
    const first = act(book, NOW - 500, stop);
    expect(first.stop).toEqual({
      version: 1,
      seq: NOW,
      issued: NOW,
      release_jitter_ms: 2_000,
      reason: 'smoke',
    });
    expect(first.decisions[0]).toEqual({ kind: 'stop', stop: first.stop });
    const released = commands(first);
    expect(released.map(({ house, calls }) => [house, calls])).toEqual([['1_0_1', []]]);
    expect(released.every(({ issued }) => issued > NOW)).toBe(true);
    const [later] = commands(run(book, 'e2', [callOf('1_0_1', 6)], NOW - 400));
    expect(later?.issued).toBe(NOW + 1);
    expect(act(book, NOW - 300, stop).stop?.seq).toBeGreaterThan(NOW);
  });

  test('ends every event that is open, and is noted even when none is', () => {
    const book = new EventBook(policy);
    expect(act(book, NOW, stop).notes.map(({ kind, actor }) => [kind, actor])).toEqual([['stop-all', 'ann']]);
    act(book, NOW + 1, { kind: 'propose', request: request('e1') });
    run(book, 'e2', [callOf('1_0_1', 5)], NOW + 2);
    act(book, NOW + 3, stop);
    expect(book.events().map(({ id, phase }) => [id, phase])).toEqual([
      ['e1', 'cancelled'],
      ['e2', 'releasing'],
    ]);
  });

  test('is sent again after a restart, byte for byte, unless events were made since', () => {
    const book = new EventBook(policy);
    run(book, 'e1', [callOf('1_0_1', 5)]);
    const made = act(book, NOW + 10, stop).stop;
    const again = restarted(book, made);
    const restored = again.decide([{ kind: 'restored' }], NOW + 50);
    expect(restored.decisions[0]).toEqual({ kind: 'stop', stop: made });
    run(book, 'e2', [callOf('1_0_1', 6)], NOW + 100);
    const later = restarted(book, made).decide([{ kind: 'restored' }], NOW + 200);
    expect(later.decisions.filter(({ kind }) => kind === 'stop')).toEqual([]);
  });
});

describe('a book that was restored', () => {
  test('sends what was under way again with the same content, and nothing else', () => {
    const book = new EventBook(policy);
    const sent = commands(run(book, 'e1', [callOf('1_0_1', 5), callOf('1_0_2', 5)]));
    const [first] = sent;
    if (!first) {
      throw new Error('a command is expected');
    }
    act(book, NOW + 10, accepted(first));
    const again = restarted(book, undefined);
    expect(again.nextMs).toBe(book.nextMs);
    const step = act(again, NOW + 20, { kind: 'restored' });
    expect(commands(step)).toEqual(sent.slice(1));
  });
});

describe('what can go wrong', () => {
  test('actions on events that do not exist, or exist already, are refused as a whole', () => {
    const book = new EventBook(policy);
    act(book, NOW, { kind: 'propose', request: request('e1') });
    expect(() => book.decide([{ kind: 'propose', request: request('e1') }], NOW)).toThrow(
      'event e1 exists already, and is proposed: take another id',
    );
    expect(() => book.decide([{ kind: 'tell', event: 'e2', input: { kind: 'start', by: 'ann' } }], NOW)).toThrow(
      EventActionError,
    );
  });

  test('a refusal of a message that is not ours is noted once a minute for each house', () => {
    const book = new EventBook(policy);
    const forged = (house: string, at: number): BookInput => {
      const refusal: Refusal = {
        type: 'refusal',
        version: 1,
        house,
        at,
        reason: 'signature',
        digest: String(at % 10).repeat(64),
      };
      return report(refusal);
    };
    const noted = (nowMs: number, ...inputs: BookInput[]): number => act(book, nowMs, ...inputs).notes.length;
    expect(noted(NOW, forged('1_0_1', NOW), forged('1_0_1', NOW + 1), forged('1_0_2', NOW))).toBe(2);
    expect(noted(NOW + 59_999, forged('1_0_1', NOW))).toBe(0);
    expect(noted(NOW + 60_000, forged('1_0_1', NOW))).toBe(1);
  });
});
