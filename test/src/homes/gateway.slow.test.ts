import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type Command, signCommand, signStop } from '../../../src/core/shed/command.ts';
import { jitterMs } from '../../../src/core/shed/jitter.ts';
import { behaviourOf } from '../../../src/homes/behaviour.ts';
import { type GatewayEffect, type GatewayOptions, HomeGateway } from '../../../src/homes/gateway.ts';
import { type HouseRules, houseRules } from '../../../src/homes/house-rules.ts';
import { gatewayMemorySchema } from '../../../src/homes/memory.ts';

const pair = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const key = { id: 'k1', key: pair.privateKey };
const keys = new Map([['k1', pair.publicKey]]);
const HOUSE = '1_0_1';
const FRIDGE = '1_0_1_5';
const HEATER = '1_0_1_6';
const NOW = 1_000_000;

const rules: HouseRules = houseRules(
  [
    { id: FRIDGE, name: 'refrigerator' },
    { id: HEATER, name: 'water heater' },
    { id: '1_0_1_7', name: 'dishwasher' },
    { id: '1_0_1_8', name: 'network router' },
  ],
  24,
);

const gateway = (options: Partial<GatewayOptions> = {}): HomeGateway =>
  new HomeGateway({ house: HOUSE, rules, keys, ...options });

function commandOf(patch: Partial<Command> = {}): Command {
  const calls = patch.calls ?? [{ appliance: FRIDGE, not_before: NOW + 1_000, until: NOW + 31_000 }];
  return {
    version: 1,
    house: HOUSE,
    event: 'e1',
    seq: 1,
    issued: NOW,
    not_before: Math.min(NOW + 1_000, ...calls.map(({ not_before }) => not_before)),
    until: Math.max(NOW + 31_000, ...calls.map(({ until }) => until)),
    start_jitter_ms: 1_000,
    release_jitter_ms: 1_000,
    reason: '',
    ...patch,
    calls,
  };
}

const send = (house: HomeGateway, patch: Partial<Command> = {}, nowMs = NOW): GatewayEffect[] =>
  house.receive(Buffer.from(signCommand(commandOf(patch), key)), { nowMs });

/** What a house says, by the last level of the topic. */
const said = (effects: readonly GatewayEffect[], kind: string): unknown[] =>
  effects.flatMap((effect): unknown[] =>
    effect.kind === 'publish' && effect.publication.topic.endsWith(`/${kind}`)
      ? [JSON.parse(effect.publication.payload)]
      : [],
  );
const switched = (effects: readonly GatewayEffect[]): unknown[] => effects.filter(({ kind }) => kind === 'switch');

describe('a house', () => {
  test('switches off after the start jitter and on after the release jitter, by its own timer', () => {
    const house = gateway();
    const answer = send(house);
    expect(said(answer, 'ack')).toMatchObject([{ type: 'acknowledgement', seq: 1, accepted: [FRIDGE], refused: [] }]);
    const offMs = NOW + 1_000 + jitterMs('e1', FRIDGE, 'start', 1_000);
    expect(house.nextMs).toBe(offMs);
    expect(house.tick(offMs - 1)).toEqual([]);
    expect(switched(house.tick(offMs))).toEqual([{ kind: 'switch', appliance: FRIDGE, isOn: false }]);
    const onMs = NOW + 31_000 + jitterMs('e1', FRIDGE, 'release', 1_000);
    expect(house.nextMs).toBe(onMs);
    expect(house.tick(onMs - 1)).toEqual([]);
    expect(switched(house.tick(onMs))).toEqual([{ kind: 'switch', appliance: FRIDGE, isOn: true }]);
    expect(house.nextMs).toBe(Infinity);
  });

  test('answers a repeated command again, and does nothing twice', () => {
    const house = gateway();
    const first = said(send(house), 'ack');
    const again = send(house, {}, NOW + 5_000);
    expect(said(again, 'ack')).toEqual(first);
    expect(switched(send(house, {}, NOW + 5_000))).toEqual([]);
  });

  const refusals: [string, Partial<Command>, number][] = [
    ['house', { house: '1_0_2' }, NOW],
    ['expired', {}, NOW + 31_001],
    ['too_far', { calls: [{ appliance: FRIDGE, not_before: NOW, until: NOW + 4 * 86_400_000 }] }, NOW],
  ];
  test.each(refusals)('refuses a command with the reason %s', (reason, patch, nowMs) => {
    const house = gateway();
    const effects = send(house, patch, nowMs);
    expect(said(effects, 'ack')).toMatchObject([{ type: 'refusal', reason, event: 'e1', seq: 1 }]);
    expect(house.nextMs).toBe(Infinity);
  });

  test('refuses old and reused numbers, also after a restart', () => {
    const house = gateway();
    const remembered = send(house, { seq: 9 }).find((effect) => effect.kind === 'remember');
    const memory = gatewayMemorySchema.parse(JSON.parse(JSON.stringify(remembered?.memory)));
    for (const one of [house, gateway({ memory })]) {
      for (const patch of [{ seq: 8 }, { seq: 9, reason: 'another' }]) {
        expect(said(send(one, patch), 'ack')).toMatchObject([{ type: 'refusal', reason: 'sequence' }]);
      }
    }
    // After a loss of power the appliances are normal.
    expect(gateway({ memory }).nextMs).toBe(Infinity);
  });

  const calls: [string, Partial<Command>][] = [
    ['not_allowed', { calls: [{ appliance: '1_0_1_8', not_before: NOW, until: NOW + 9_000 }] }],
    ['not_allowed', { calls: [{ appliance: '1_0_2_5', not_before: NOW, until: NOW + 9_000 }] }],
    // 15 min at speed 24 are 37.5 s, jitter included.
    ['too_long', { calls: [{ appliance: FRIDGE, not_before: NOW, until: NOW + 36_501 }] }],
  ];
  test.each(calls)('refuses a call with the reason %s', (reason, patch) => {
    const house = gateway();
    expect(said(send(house, patch), 'ack')).toMatchObject([{ accepted: [], refused: [{ reason }] }]);
    expect(house.nextMs).toBe(Infinity);
  });

  test('lets at most two be off, rests between calls, and holds an appliance for one event', () => {
    const house = gateway();
    const call = (appliance: string): Command['calls'][number] => ({ appliance, not_before: NOW, until: NOW + 30_000 });
    const three = send(house, { calls: [call(FRIDGE), call(HEATER), call('1_0_1_7')] });
    expect(said(three, 'ack')).toMatchObject([
      { accepted: [FRIDGE, HEATER], refused: [{ appliance: '1_0_1_7', reason: 'too_many' }] },
    ]);
    const other = send(house, { event: 'e2', seq: 2, calls: [call(FRIDGE)] });
    expect(said(other, 'ack')).toMatchObject([{ refused: [{ reason: 'held' }] }]);
    house.tick(NOW + 1_000);
    house.tick(NOW + 31_000);
    const later = { appliance: FRIDGE, not_before: NOW + 40_000, until: NOW + 60_000 };
    const rest = send(house, { event: 'e3', seq: 3, calls: [later] }, NOW + 32_000);
    expect(said(rest, 'ack')).toMatchObject([{ refused: [{ reason: 'resting' }] }]);
  });

  test('releases what a newer command leaves out, with jitter', () => {
    const house = gateway();
    send(house);
    house.tick(NOW + 2_000);
    expect(house.off).toEqual([FRIDGE]);
    send(house, { seq: 2, calls: [], not_before: NOW, until: NOW }, NOW + 5_000);
    const onMs = NOW + 5_000 + jitterMs('e1', FRIDGE, 'release', 1_000);
    expect(house.nextMs).toBe(onMs);
    expect(switched(house.tick(onMs))).toEqual([{ kind: 'switch', appliance: FRIDGE, isOn: true }]);
  });

  test('opts out at once, says so, and refuses until it opts in', () => {
    const house = gateway();
    send(house);
    house.tick(NOW + 2_000);
    const effects = house.optOut({}, NOW + 3_000);
    expect(switched(effects)).toEqual([{ kind: 'switch', appliance: FRIDGE, isOn: true }]);
    expect(said(effects, 'optout')).toMatchObject([{ optouts: [{}] }]);
    const asked = { seq: 2, calls: [{ appliance: HEATER, not_before: NOW + 4_000, until: NOW + 9_000 }] };
    expect(said(send(house, asked, NOW + 3_500), 'ack')).toMatchObject([{ refused: [{ reason: 'opted_out' }] }]);
    house.optIn(undefined, NOW + 3_600);
    expect(said(send(house, { ...asked, seq: 3 }, NOW + 3_700), 'ack')).toMatchObject([{ accepted: [HEATER] }]);
  });

  test('releases on stop-all, once, and refuses commands from before it', () => {
    const house = gateway();
    send(house);
    house.tick(NOW + 2_000);
    const stop = { version: 1, seq: 1, issued: NOW + 3_000, release_jitter_ms: 0, reason: 'stop' } as const;
    const bytes = Buffer.from(signStop(stop, key));
    expect(switched(house.receiveStop(bytes, { nowMs: NOW + 3_000 }))).toHaveLength(1);
    expect(house.receiveStop(bytes, { nowMs: NOW + 3_001 })).toEqual([]);
    expect(said(send(house, { seq: 2 }, NOW + 3_100), 'ack')).toMatchObject([{ reason: 'sequence' }]);
  });

  test('with a clock that is not synchronised obeys only what is recent by the time of the broker', () => {
    const bytes = Buffer.from(signCommand(commandOf(), key));
    const answerAt = (brokerMs?: number): unknown =>
      said(
        gateway().receive(bytes, { nowMs: NOW, isSynchronised: false, ...(brokerMs !== undefined && { brokerMs }) }),
        'ack',
      );
    expect(answerAt()).toMatchObject([{ reason: 'clock' }]);
    expect(answerAt(NOW + 30_001)).toMatchObject([{ reason: 'clock' }]);
    expect(answerAt(NOW + 30_000)).toMatchObject([{ accepted: [FRIDGE] }]);
  });
});

describe('10,000 wrong commands', () => {
  test('are all refused with their reason, and none is obeyed', () => {
    const house = gateway();
    send(house, { seq: 5, calls: [], not_before: NOW, until: NOW });
    const valid = Buffer.from(signCommand(commandOf({ seq: 6 }), key));
    const wrong = fc.oneof(
      fc.constant([
        Buffer.from(signCommand(commandOf({ seq: 6 }), { id: 'k1', key: stranger.privateKey })),
        'signature',
      ] as const),
      fc.constant([
        Buffer.from(signCommand(commandOf({ seq: 6 }), { id: 'k9', key: stranger.privateKey })),
        'key',
      ] as const),
      fc
        .integer({ min: 1, max: 4 })
        .map((seq) => [Buffer.from(signCommand(commandOf({ seq }), key)), 'sequence'] as const),
      fc.constant([Buffer.from(signCommand(commandOf({ seq: 6, house: '1_0_2' }), key)), 'house'] as const),
      fc.nat(valid.length - 90).map((length) => [valid.subarray(0, length), 'format'] as const),
      fc.uint8Array({ maxLength: 50 }).map((bytes) => [Buffer.from(bytes), 'format'] as const),
    );
    fc.assert(
      fc.property(wrong, ([bytes, reason]) => {
        const effects = house.receive(Buffer.from(bytes), { nowMs: NOW });
        expect(said(effects, 'ack')).toMatchObject([{ type: 'refusal', reason }]);
        expect(house.nextMs).toBe(Infinity);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('whatever a house is told', () => {
  test('nothing is off for longer than it allows, or goes off again before it has rested', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 30_000 }),
      appliance: fc.constantFrom(FRIDGE, HEATER, '1_0_1_7', '1_0_1_8'),
      inMs: fc.integer({ min: 0, max: 20_000 }),
      forMs: fc.integer({ min: 1, max: 160_000 }),
      event: fc.constantFrom('e1', 'e2'),
      jitter: fc.constantFrom(0, 1_000, 5_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const house = gateway();
        const offSince = new Map<string, number>();
        const onSince = new Map<string, number>();
        const watch = (effects: readonly GatewayEffect[], nowMs: number): void => {
          for (const effect of effects) {
            if (effect.kind !== 'switch') {
              continue;
            }
            const limits = rules.allowed.get(effect.appliance);
            if (effect.isOn) {
              expect(nowMs - (offSince.get(effect.appliance) ?? 0)).toBeLessThanOrEqual(limits?.maxOffMs ?? -1);
              onSince.set(effect.appliance, nowMs);
              offSince.delete(effect.appliance);
            } else {
              expect(nowMs - (onSince.get(effect.appliance) ?? 0)).toBeGreaterThanOrEqual(limits?.minOnMs ?? Infinity);
              offSince.set(effect.appliance, nowMs);
            }
          }
          expect(offSince.size).toBeLessThanOrEqual(rules.maxOff);
        };
        let nowMs = NOW;
        const until = (endMs: number): void => {
          while (house.nextMs <= endMs) {
            nowMs = house.nextMs;
            watch(house.tick(nowMs), nowMs);
          }
          nowMs = endMs;
        };
        for (const [index, { afterMs, appliance, inMs, forMs, event, jitter }] of steps.entries()) {
          until(nowMs + afterMs);
          const calls = [{ appliance, not_before: nowMs + inMs, until: nowMs + inMs + forMs }];
          watch(
            send(
              house,
              {
                seq: index + 1,
                event,
                calls,
                not_before: nowMs,
                until: nowMs + 200_000,
                issued: nowMs,
                release_jitter_ms: jitter,
                start_jitter_ms: jitter,
              },
              nowMs,
            ),
            nowMs,
          );
        }
        until(nowMs + 300_000);
        expect(house.off).toEqual([]);
        expect(offSince.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('simulated behaviour', () => {
  test('follows from the seed, at the rates that are asked for', () => {
    const houses = Array.from({ length: 2_000 }, (_, index) =>
      behaviourOf(1, `1_${index}_1`, { silent: 0.1, failing: 0.2, optOut: 0.3 }),
    );
    const share = (of: (one: (typeof houses)[number]) => boolean): number => houses.filter(of).length / houses.length;
    expect(share((one) => one.isSilent('e1'))).toBeCloseTo(0.1, 1);
    expect(share((one) => one.fails('e1', FRIDGE))).toBeCloseTo(0.2, 1);
    expect(share((one) => one.optsOutAt('e1') !== undefined)).toBeCloseTo(0.3, 1);
    expect(behaviourOf(1, '1_5_1', { optOut: 1 }).optsOutAt('e1')).toBe(
      behaviourOf(1, '1_5_1', { optOut: 1 }).optsOutAt('e1'),
    );
    expect(() => behaviourOf(1, HOUSE, { silent: 1.1 })).toThrow('silent must be 0 to 1, not 1.1');
  });

  test('makes a house silent, or opt out while it is held', () => {
    expect(send(gateway({ behaviour: behaviourOf(1, HOUSE, { silent: 1 }) }))).toEqual([]);
    const house = gateway({ behaviour: behaviourOf(1, HOUSE, { optOut: 1 }) });
    send(house);
    let nowMs = NOW;
    const effects: GatewayEffect[] = [];
    for (; house.nextMs < Infinity; effects.push(...house.tick(nowMs))) {
      nowMs = house.nextMs;
    }
    expect(nowMs).toBeLessThan(NOW + 32_000);
    expect(said(effects, 'optout')).toHaveLength(1);
    expect(house.off).toEqual([]);
    const failing = send(gateway({ behaviour: behaviourOf(1, HOUSE, { failing: 1 }) }));
    expect(said(failing, 'ack')).toMatchObject([{ refused: [{ appliance: FRIDGE, reason: 'failed' }] }]);
  });
});
