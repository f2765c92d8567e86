import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { after, LONGEST_TIMER_MS, sleep } from '../../../../src/core/clock/timers.ts';

const DAY_MS = 86_400_000;

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

describe('a wait', () => {
  test.each([
    ['the longest that a timer of Node can hold', LONGEST_TIMER_MS],
    ['one ms more', LONGEST_TIMER_MS + 1],
    ['30 days', 30 * DAY_MS],
    ['ten years', 3_650 * DAY_MS],
    ['twice the longest', 2 * LONGEST_TIMER_MS],
    ['a second', 1_000],
  ])('of %s ends then and not before', (_, ms) => {
    const called = jest.fn();
    after(ms, called);
    jest.advanceTimersByTime(ms - 1);
    expect(called).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('never gives Node a delay that it can not hold', () => {
    const delays = jest.spyOn(globalThis, 'setTimeout');
    after(100 * DAY_MS, () => undefined);
    after(Infinity, () => undefined);
    jest.advanceTimersByTime(101 * DAY_MS);
    const asked = delays.mock.calls.map(([, ms]) => ms ?? NaN);
    expect(asked.length).toBeGreaterThan(5);
    expect(Math.max(...asked)).toBe(LONGEST_TIMER_MS);
  });

  test('of Infinity never ends, one of no time or less at once', () => {
    const [never, now] = [jest.fn(), jest.fn()];
    after(Infinity, never);
    after(-5, now);
    jest.advanceTimersByTime(100 * DAY_MS);
    expect(never).not.toHaveBeenCalled();
    expect(now).toHaveBeenCalledTimes(1);
  });

  test('that is cancelled never ends, in its first part or a later one', () => {
    const called = jest.fn();
    const cancelNow = after(30 * DAY_MS, called);
    const cancelLater = after(30 * DAY_MS, called);
    cancelNow();
    jest.advanceTimersByTime(29 * DAY_MS);
    cancelLater();
    jest.advanceTimersByTime(30 * DAY_MS);
    expect(called).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a sleep', () => {
  test('of 30 days resolves after 30 days', async () => {
    const awake = jest.fn();
    const slept = sleep(30 * DAY_MS).then(awake);
    await jest.advanceTimersByTimeAsync(30 * DAY_MS - 1);
    expect(awake).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    await slept;
  });

  test('ends when its signal aborts, before or during it, and leaves no timer and no listener', async () => {
    const stop = new AbortController();
    const removed = jest.spyOn(stop.signal, 'removeEventListener');
    const slept = sleep(30 * DAY_MS, stop.signal);
    stop.abort();
    await slept;
    await sleep(30 * DAY_MS, stop.signal);
    expect(jest.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledTimes(1);
  });
});
