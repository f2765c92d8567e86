import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  DISPATCHER_IDENTITY,
  isIdentity,
  mayPublish,
  maySubscribe,
  subscriptionsOf,
} from '../../../src/mqtt/permissions.ts';

const topics = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('1_0_1', '1_0_2', 'all', '+', '#', '', DISPATCHER_IDENTITY),
      fc.constantFrom('command', 'ack', 'state', 'optout', 'stop', '+', '#', ''),
      fc.constantFrom('', '/', '/more', '/#'),
    )
    .map(([house, kind, rest]) => `igrid/v1/${house}/${kind}${rest}`),
  fc.constantFrom('#', '+/+/+/+', 'igrid/#', '$SYS/broker', '$share/g/igrid/v1/1_0_1/command', 'igrid/v2/1_0_1/ack'),
);

describe('a house', () => {
  test('may write its own reports and hear its own commands and stops, and nothing else', () => {
    fc.assert(
      fc.property(topics, fc.boolean(), (topic, isRetained) => {
        const own = ['ack', 'optout', 'state'].map((kind) => `igrid/v1/1_0_1/${kind}`);
        const isOwn = own.includes(topic) && !(isRetained && topic.endsWith('/ack'));
        expect(mayPublish('1_0_1', topic, isRetained)).toBe(isOwn);
        const heard = ['igrid/v1/1_0_1/command', 'igrid/v1/all/stop'];
        expect(maySubscribe('1_0_1', topic)).toBe(heard.includes(topic));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the dispatcher', () => {
  test('may write commands and stops, never retained, and hear reports of all houses', () => {
    expect(mayPublish(DISPATCHER_IDENTITY, 'igrid/v1/1_0_1/command', false)).toBe(true);
    expect(mayPublish(DISPATCHER_IDENTITY, 'igrid/v1/all/stop', false)).toBe(true);
    expect(mayPublish(DISPATCHER_IDENTITY, 'igrid/v1/1_0_1/command', true)).toBe(false);
    expect(mayPublish(DISPATCHER_IDENTITY, 'igrid/v1/1_0_1/state', false)).toBe(false);
    expect(subscriptionsOf(DISPATCHER_IDENTITY)).toEqual(['igrid/v1/+/ack', 'igrid/v1/+/optout', 'igrid/v1/+/state']);
    expect(maySubscribe(DISPATCHER_IDENTITY, 'igrid/v1/+/command')).toBe(false);
  });
});

test('names that could be read as another topic are no identities', () => {
  expect([DISPATCHER_IDENTITY, '1_0_1'].every(isIdentity)).toBe(true);
  expect(['all', '', '+', '#', '1/0', 'a b', '_other', undefined, ['1_0_1']].some(isIdentity)).toBe(false);
});
