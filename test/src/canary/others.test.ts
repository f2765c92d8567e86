import { describe, expect, test } from '@jest/globals';

import { Others, type TopicEnd } from '../../../src/canary/others.ts';

/** Asks once a second until others are at the present. @returns after how many seconds that was. */
async function secondsUntil(end: (second: number) => TopicEnd, others = othersOf(end)): Promise<number> {
  for (let second = 0; second < 100; second += 1) {
    if (await others.areAtPresent(second * 1_000)) {
      return second;
    }
  }
  return Infinity;
}

/** @param end of the topic, by the second after the first question. */
const othersOf = (end: (second: number) => TopicEnd): Others =>
  new Others((sinceMs) => Promise.resolve(end((sinceMs + 1_000) / 1_000)));

describe('the other producers', () => {
  test('are at the present when the topic has a message of the last second', async () => {
    expect(await secondsUntil(() => ({ hasSince: true, messages: 5n }))).toBe(0);
  });

  test('are waited for as long as they catch up with what is past', async () => {
    const catchingUp = (second: number): TopicEnd => ({ hasSince: second >= 20, messages: BigInt(second) });
    expect(await secondsUntil(catchingUp)).toBe(20);
  });

  test('are not waited for when none sends', async () => {
    expect(await secondsUntil(() => ({ hasSince: false, messages: 7n }))).toBe(5);
  });

  test('are waited for a minute at most: clocks of meters may be behind for good', async () => {
    expect(await secondsUntil((second) => ({ hasSince: false, messages: BigInt(second) }))).toBe(60);
  });

  test('may be behind again after an outage', async () => {
    let isBehind = false;
    const others = new Others(() => Promise.resolve({ hasSince: !isBehind, messages: isBehind ? 2n : 1n }));
    expect(await others.areAtPresent(0)).toBe(true);
    isBehind = true;
    expect(await others.areAtPresent(1_000)).toBe(true);
    others.mayBeBehind();
    expect(await others.areAtPresent(2_000)).toBe(false);
  });

  test('are not known of while brokers do not answer', async () => {
    const others = new Others(() => Promise.reject(new Error('away')));
    await expect(others.areAtPresent(0)).rejects.toThrow('away');
  });
});
