import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { canonicalJson } from '../../../../src/core/canonical.ts';
import type { Command } from '../../../../src/core/shed/command.ts';
import type { Acknowledgement } from '../../../../src/core/shed/reports.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import {
  type Decision,
  EventActionError,
  type EventChange,
  type EventInput,
} from '../../../../src/dispatch/event/inputs.ts';
import {
  callsOf,
  isFinal,
  type NewCall,
  type Phase,
  PHASES,
  proposedEvent,
  type ShedEvent,
  shedEventSchema,
} from '../../../../src/dispatch/event/shed-event.ts';
import { releaseLateMs, stepEvent } from '../../../../src/dispatch/event/step.ts';
import { callOf, END, MAX_OFF, NOW, planOf, START } from './plans.ts';

const policy = dispatchPolicyOf();
const call = (house: number, appliance = 5): NewCall => callOf(`1_0_${house}`, appliance);

const plan = planOf([call(1), call(1, 6), call(2)]);

const change = (patch: Partial<EventChange> = {}): EventChange => ({
  hash: 'h2',
  targetW: 300,
  minutes: 1,
  endMs: END,
  promisedW: 300,
  add: [],
  release: [],
  ...patch,
});

/** An event that is told things one after the other. */
class Story {
  event: ShedEvent = proposedEvent(
    { id: 'e1', feeder: 'F1', targetW: 200, minutes: 1, reason: 'test', requestedBy: 'ann', confirmedBy: null },
    NOW,
  );
  decisions: readonly Decision[] = [];
  readonly commands: Command[] = [];

  tell(input: EventInput, nowMs: number): this {
    const before = canonicalJson(this.event);
    const context = { nowMs, policy, lastSeq: () => 0 };
    const made = stepEvent(this.event, input, context);
    // From what was stored, the same follows.
    const stored = shedEventSchema.parse(JSON.parse(before));
    expect(canonicalJson(stepEvent(stored, input, context))).toBe(canonicalJson(made));
    expect(canonicalJson(this.event)).toBe(before);
    this.event = made.event;
    this.decisions = made.decisions;
    this.commands.push(...made.decisions.flatMap((one) => (one.kind === 'command' ? [one.command] : [])));
    return this;
  }

  get kinds(): string[] {
    return this.decisions.map(({ kind }) => kind).filter((kind) => kind !== 'note' && kind !== 'wake');
  }

  status(id: string): string | undefined {
    return callsOf(this.event).find(({ applianceId }) => applianceId === id)?.status;
  }
}

const accept = (house: string, event: ShedEvent, patch: Partial<Acknowledgement> = {}): EventInput => ({
  kind: 'acknowledgement',
  report: {
    type: 'acknowledgement',
    version: 1,
    house,
    at: NOW,
    event: 'e1',
    seq: event.houses[house]?.seq ?? 1,
    accepted: event.houses[house]?.commanded.map(({ appliance }) => appliance) ?? [],
    refused: [],
    ...patch,
  },
});

const state = (house: string, at: number, appliances: readonly [string, 'off' | 'released', number][]): EventInput => ({
  kind: 'state',
  report: {
    type: 'state',
    version: 1,
    house,
    at,
    seq: 1,
    is_clock_synchronised: true,
    appliances: appliances.map(([appliance, now, since]) => ({ appliance, event: 'e1', state: now, since })),
  },
});

const optOut = (house: string, appliance?: string): EventInput => ({
  kind: 'optouts',
  report: { type: 'optouts', version: 1, house, at: NOW, optouts: [appliance === undefined ? {} : { appliance }] },
});

const by = 'ann';
const planned = (): Story => new Story().tell({ kind: 'plan', by, plan }, NOW);
const notified = (): Story => planned().tell({ kind: 'start', by }, NOW + 10);
function active(): Story {
  const story = notified();
  return story
    .tell(accept('1_0_1', story.event), NOW + 20)
    .tell(accept('1_0_2', story.event), NOW + 20)
    .tell({ kind: 'tick' }, START)
    .tell(
      state('1_0_1', START + 500, [
        ['1_0_1_5', 'off', START + 400],
        ['1_0_1_6', 'off', START + 400],
      ]),
      START + 510,
    )
    .tell(state('1_0_2', START + 500, [['1_0_2_5', 'off', START + 300]]), START + 510);
}
const releasing = (): Story => active().tell({ kind: 'tick' }, END);
const done = (): Story =>
  releasing()
    .tell(
      state('1_0_1', END + 900, [
        ['1_0_1_5', 'released', END + 800],
        ['1_0_1_6', 'released', END + 900],
      ]),
      END + 910,
    )
    .tell(state('1_0_2', END + 900, [['1_0_2_5', 'released', END + 700]]), END + 920);
const IN: Record<Phase, () => Story> = {
  proposed: () => new Story(),
  planned,
  notified,
  active,
  releasing,
  done,
  cancelled: () => new Story().tell({ kind: 'cancel', by, reason: 'no need' }, NOW),
  failed: () => new Story().tell({ kind: 'fail', reason: 'no planner' }, NOW),
};

describe('an event', () => {
  test('goes from proposed to done, with one command for each house', () => {
    const story = done();
    expect(story.event).toMatchObject({ phase: 'done', ending: 'done', lostW: 0 });
    expect(story.commands.map(({ house, calls }) => [house, calls.map(({ appliance }) => appliance)])).toEqual([
      ['1_0_1', ['1_0_1_5', '1_0_1_6']],
      ['1_0_2', ['1_0_2_5']],
    ]);
    expect(story.commands[0]).toMatchObject({ not_before: START, until: END, release_jitter_ms: 1_000, event: 'e1' });
    expect(releaseLateMs(story.event)).toBe(0);
  });

  test.each(PHASES)('is %s where the story says so', (phase) => {
    expect(IN[phase]().event.phase).toBe(phase);
  });

  const END_2 = END + 20_000;
  const REACTIONS: Record<string, [EventInput, readonly Phase[]]> = {
    plan: [{ kind: 'plan', by, plan }, ['proposed', 'planned']],
    ask: [{ kind: 'ask', by, targetW: 100, minutes: 2 }, ['proposed', 'planned']],
    start: [{ kind: 'start', by }, ['planned']],
    modify: [{ kind: 'modify', by, change: change() }, ['notified', 'active']],
    extend: [{ kind: 'extend', by, change: change({ endMs: END_2 }) }, ['notified', 'active']],
    cancel: [{ kind: 'cancel', by, reason: '' }, ['proposed', 'planned', 'notified', 'active']],
    'stop-all': [{ kind: 'stop-all', by }, PHASES],
  };
  test.each(
    Object.entries(REACTIONS).flatMap(([kind, [input, allowed]]) =>
      PHASES.map((phase) => [kind, phase, input, allowed] as const),
    ),
  )('%s of an event that is %s is done or refused in one line', (kind, phase, input, allowed) => {
    const story = IN[phase]();
    const before = story.event;
    const tell = (): Story => story.tell(input, before.updatedMs);
    if (!allowed.includes(phase)) {
      expect(tell).toThrow(new RegExp(`^event e1 is ${phase}: ${kind} is for events that are [^\n]+$`));
      expect(story.event).toBe(before);
    } else if (isFinal(phase)) {
      expect(tell().event).toBe(before);
    } else {
      expect(tell().event.revision).toBe(before.revision + 1);
    }
  });

  test.each(['notified', 'active', 'releasing'] as const)('that is %s releases everybody on stop-all', (phase) => {
    const story = IN[phase]();
    const sent = story.commands.length;
    story.tell({ kind: 'stop-all', by }, story.event.updatedMs);
    expect(story.event.phase).toBe('releasing');
    expect(story.commands.slice(sent).map(({ house, calls }) => [house, calls])).toEqual([
      ['1_0_1', []],
      ['1_0_2', []],
    ]);
  });

  test('that is cancelled before its start is over once every house has confirmed', () => {
    const story = notified().tell({ kind: 'cancel', by, reason: 'no need' }, NOW + 50);
    expect(story.event.phase).toBe('releasing');
    story.tell(accept('1_0_1', story.event, { accepted: [] }), NOW + 60);
    story.tell(accept('1_0_2', story.event, { accepted: [] }), NOW + 60);
    expect(story.event).toMatchObject({ phase: 'cancelled', note: 'no need' });
    expect(story.status('1_0_1_5')).toBe('withdrawn');
  });

  test('whose houses never report is over when their own timers have released them', () => {
    const story = releasing();
    story.tell({ kind: 'tick' }, END + 1_000 + policy.graceMs - 1);
    expect(story.event.phase).toBe('releasing');
    story.tell({ kind: 'tick' }, END + 1_000 + policy.graceMs);
    expect(story.event.phase).toBe('done');
    expect(story.decisions).toContainEqual(
      expect.objectContaining({ note: expect.objectContaining({ kind: 'unconfirmed' }) }),
    );
  });

  test('that nobody starts is cancelled', () => {
    expect(planned().tell({ kind: 'tick' }, START + policy.staleMs).event.phase).toBe('cancelled');
    expect(new Story().tell({ kind: 'tick' }, NOW + policy.proposalMs).event.phase).toBe('cancelled');
  });

  test('does not go back when the clock does', () => {
    const story = active().tell({ kind: 'tick' }, NOW - 60_000);
    expect(story.event.phase).toBe('active');
    expect(story.event.updatedMs).toBeGreaterThanOrEqual(START);
  });
});

describe('a house that does not answer', () => {
  test('is asked again with the same bytes, then replaced within 5 s and told to let go', () => {
    const story = notified();
    story.tell(accept('1_0_1', story.event), NOW + 20);
    story.tell({ kind: 'tick' }, NOW + 10 + policy.ackMs);
    expect(story.commands.at(-1)).toEqual(story.commands.at(-2));
    const atMs = NOW + 10 + 2 * policy.ackMs;
    expect(atMs - NOW).toBeLessThan(5_000);
    story.tell({ kind: 'tick' }, atMs);
    expect(story.kinds).toEqual(['command', 'replace']);
    expect(story.commands.at(-1)).toMatchObject({ house: '1_0_2', calls: [] });
    expect(story.status('1_0_2_5')).toBe('silent');
    story.tell({ kind: 'replacement', calls: [call(3)] }, atMs + 5);
    expect(story.commands.at(-1)).toMatchObject({ house: '1_0_3', calls: [{ appliance: '1_0_3_5' }] });
    expect(story.event).toMatchObject({ lostW: 0, isReplacing: false, isExhausted: false });
  });

  test('makes the event fail when nobody is left', () => {
    const story = notified().tell({ kind: 'tick' }, NOW + 10 + policy.ackMs);
    story.tell({ kind: 'tick' }, NOW + 10 + 2 * policy.ackMs);
    story.tell({ kind: 'replacement', calls: [] }, NOW + 5_000);
    expect(story.event).toMatchObject({ phase: 'releasing', ending: 'failed', note: 'no house is left that obeys' });
    expect(story.tell({ kind: 'tick' }, NOW + 10_000).event.phase).toBe('failed');
  });
});

describe('people who opt out', () => {
  test('are replaced at once and not asked again in this event', () => {
    const story = active().tell(optOut('1_0_1', '1_0_1_5'), START + 10_000);
    expect(story.kinds).toEqual(['replace']);
    expect(story.status('1_0_1_5')).toBe('opted_out');
    const sent = story.commands.length;
    story.tell({ kind: 'replacement', calls: [call(1), call(4)] }, START + 10_001);
    expect(story.commands.slice(sent).map(({ house }) => house)).toEqual(['1_0_4']);
    const other = active().tell(optOut('1_0_1'), START + 10_000);
    other.tell({ kind: 'modify', by, change: change({ add: [call(1, 9)] }) }, START + 10_001);
    expect(other.status('1_0_1_9')).toBeUndefined();
    expect(other.event.lostW).toBe(0);
  });
});

describe('a modified event', () => {
  test('calls more, lets go, and cuts off what is beyond a new end, with one command for each house', () => {
    const story = active();
    const sent = story.commands.length;
    const add = { ...call(3), untilMs: END - 30_000 };
    story.tell(
      { kind: 'modify', by, change: change({ endMs: END - 30_000, add: [add], release: ['1_0_2_5'] }) },
      START + 1_000,
    );
    const commands = story.commands.slice(sent);
    expect(commands.map(({ house }) => house).sort()).toEqual(['1_0_1', '1_0_2', '1_0_3']);
    expect(commands.find(({ house }) => house === '1_0_2')?.calls).toEqual([]);
    expect(commands.flatMap(({ calls }) => calls).every(({ until }) => until <= END - 30_000)).toBe(true);
  });

  test('never has anybody off for longer than the maximum', () => {
    const story = active();
    const sent = story.commands.length;
    const tooLong = { ...call(1), untilMs: START + MAX_OFF };
    story.tell({ kind: 'extend', by, change: change({ endMs: START + MAX_OFF, add: [tooLong] }) }, START + 1_000);
    expect(story.commands).toHaveLength(sent);
    const longer = { ...call(1), untilMs: START + MAX_OFF - 1_000 };
    story.tell({ kind: 'modify', by, change: change({ endMs: START + MAX_OFF, add: [longer] }) }, START + 1_001);
    expect(story.commands.slice(sent)).toMatchObject([
      { house: '1_0_1', calls: [{ until: longer.untilMs }, { until: END }] },
    ]);
    // The house refuses: it keeps the end that it has accepted.
    const refused = [{ appliance: '1_0_1_5', reason: 'too_long' as const }];
    story.tell(accept('1_0_1', story.event, { accepted: ['1_0_1_6'], refused }), START + 1_100);
    expect(callsOf(story.event).find(({ applianceId }) => applianceId === '1_0_1_5')?.untilMs).toBe(END);
  });
});

describe('a dispatcher that was killed', () => {
  test('sends what was not answered again, byte for byte, and nothing else', () => {
    const story = notified();
    story.tell(accept('1_0_1', story.event), NOW + 20);
    const first = story.commands.find(({ house }) => house === '1_0_2');
    const sent = story.commands.length;
    story.tell({ kind: 'restored' }, NOW + 500);
    expect(story.commands.slice(sent)).toEqual([first]);
  });
});

describe('any sequence of inputs', () => {
  const house = fc.integer({ min: 1, max: 3 });
  const appliance = fc.integer({ min: 5, max: 6 });
  type Make = (event: ShedEvent, nowMs: number) => EventInput;
  const changes = fc.record({
    lasts: fc.integer({ min: -20_000, max: 120_000 }),
    house,
    appliance,
    letGo: fc.boolean(),
  });
  const inputs: fc.Arbitrary<Make> = fc.oneof(
    fc.constant<Make>(() => ({ kind: 'tick' })),
    fc.constant<Make>(() => ({ kind: 'restored' })),
    fc.constant<Make>((_, nowMs) => ({
      kind: 'plan',
      by,
      plan: {
        ...plan,
        startMs: nowMs,
        endMs: nowMs + 60_000,
        calls: plan.calls.map((one) => ({ ...one, notBeforeMs: nowMs, untilMs: nowMs + 60_000 })),
      },
    })),
    fc.constant<Make>(() => ({ kind: 'start', by })),
    fc.constantFrom<Make>(
      () => ({ kind: 'cancel', by, reason: '' }),
      () => ({ kind: 'stop-all', by }),
    ),
    house.map(
      (id): Make =>
        (event) =>
          accept(`1_0_${id}`, event),
    ),
    house.map(
      (id): Make =>
        (event) =>
          accept(`1_0_${id}`, event, { seq: Math.max(1, (event.houses[`1_0_${id}`]?.seq ?? 1) - 1) }),
    ),
    house.map(
      (id): Make =>
        (event) =>
          accept(`1_0_${id}`, event, {
            accepted: [],
            refused: (event.houses[`1_0_${id}`]?.commanded ?? []).map((one) => ({
              appliance: one.appliance,
              reason: 'failed' as const,
            })),
          }),
    ),
    fc.tuple(house, appliance, fc.boolean()).map(
      ([id, of, isWhole]): Make =>
        () =>
          optOut(`1_0_${id}`, isWhole ? undefined : `1_0_${id}_${of}`),
    ),
    fc.tuple(house, appliance, fc.constantFrom('off' as const, 'released' as const)).map(
      ([id, of, now]): Make =>
        (_, nowMs) =>
          state(`1_0_${id}`, nowMs, [[`1_0_${id}_${of}`, now, nowMs]]),
    ),
    fc.tuple(house, appliance).map(([id, of]): Make => (event, nowMs) => ({
      kind: 'replacement',
      calls: [{ ...call(id, of), notBeforeMs: nowMs, untilMs: Math.max(nowMs + 1, event.endMs ?? 0) }],
    })),
    fc
      .tuple(changes, fc.constantFrom('modify' as const, 'extend' as const))
      .map(([of, kind]): Make => (event, nowMs) => {
        const endMs = Math.max(nowMs + 1, (event.endMs ?? nowMs) + of.lasts);
        const add = [{ ...call(of.house, of.appliance), notBeforeMs: nowMs, untilMs: endMs }];
        return { kind, by, change: change({ endMs, add, release: of.letGo ? [`1_0_${of.house}_5`] : [] }) };
      }),
  );

  test('keeps the rules: order of phases, numbers, longest times, opt-outs, and an end', () => {
    const NEXT: Record<Phase, readonly Phase[]> = {
      proposed: ['planned', 'cancelled', 'failed'],
      planned: ['proposed', 'notified', 'active', 'cancelled', 'failed'],
      notified: ['active', 'releasing', 'cancelled', 'failed', 'done'],
      active: ['releasing', 'done', 'cancelled', 'failed'],
      releasing: ['done', 'cancelled', 'failed'],
      done: [],
      cancelled: [],
      failed: [],
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -500, max: 15_000 }), inputs), { maxLength: 25 }), (steps) => {
        let event = new Story().event;
        let nowMs = NOW;
        const context = (): Parameters<typeof stepEvent>[2] => ({ nowMs, policy, lastSeq: () => 0 });
        const seqs = new Map<string, [number, string]>();
        const optedOut = new Set<string>();
        const tell = (input: EventInput): void => {
          const before = event;
          let decisions: readonly Decision[] = [];
          try {
            ({ event, decisions } = stepEvent(before, input, context()));
          } catch (error) {
            expect(error).toBeInstanceOf(EventActionError);
            return;
          }
          if (event.phase !== before.phase) {
            expect(NEXT[before.phase]).toContain(event.phase);
          }
          if (isFinal(before.phase)) {
            expect(event).toBe(before);
            expect(decisions).toEqual([]);
          }
          expect(shedEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
          if (input.kind === 'optouts' && !isFinal(before.phase)) {
            for (const one of input.report.optouts) {
              optedOut.add(one.appliance ?? input.report.house);
            }
          }
          for (const decision of decisions) {
            if (decision.kind !== 'command') {
              continue;
            }
            const { command } = decision;
            const [last, text] = seqs.get(command.house) ?? [0, ''];
            // The same number means the same command.
            expect(command.seq > last || (command.seq === last && text === canonicalJson(command))).toBe(true);
            const isNew = command.seq > last;
            seqs.set(command.house, [command.seq, canonicalJson(command)]);
            for (const one of command.calls) {
              expect(one.until + command.release_jitter_ms - one.not_before).toBeLessThanOrEqual(MAX_OFF);
              if (isNew) {
                expect(optedOut.has(one.appliance) || optedOut.has(command.house)).toBe(false);
              }
            }
          }
        };
        for (const [afterMs, make] of steps) {
          nowMs += afterMs;
          tell(make(event, nowMs));
        }
        // Left alone, it comes to an end: whoever was told anything is back on by then.
        for (let turn = 0; turn < 20 && !isFinal(event.phase); turn += 1) {
          nowMs = Math.max(nowMs, event.updatedMs) + 1_000_000;
          tell({ kind: 'tick' });
        }
        expect(isFinal(event.phase)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
