import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { Heartbeat, STOPPED_MS } from '../../../../src/core/clock/heartbeat.ts';

let heartbeat: Heartbeat;
beforeEach(() => {
  jest.useFakeTimers({ now: 1_700_000_000_000 });
  heartbeat = new Heartbeat();
});
afterEach(() => {
  heartbeat.end();
  jest.useRealTimers();
});

describe('the heartbeat', () => {
  test('knows of no stop while timers ring, however long that is', () => {
    jest.advanceTimersByTime(60_000);
    expect(heartbeat.resumedMs).toBe(-Infinity);
  });

  test('knows of a stop before any timer rings, and keeps the moment of its end', () => {
    jest.advanceTimersByTime(10_000);
    // The clock advances and no timer fires, as under SIGSTOP.
    jest.setSystemTime(Date.now() + STOPPED_MS + 200);
    const resumedMs = Date.now();
    expect(heartbeat.resumedMs).toBe(resumedMs);
    jest.advanceTimersByTime(10_000);
    expect(heartbeat.resumedMs).toBe(resumedMs);
  });

  test('knows of it when it was not asked for a while', () => {
    jest.setSystemTime(Date.now() + 30_000);
    const resumedMs = Date.now();
    jest.advanceTimersByTime(5_000);
    expect(heartbeat.resumedMs).toBe(resumedMs + 100);
  });

  test('takes a moment of a busy machine, and a clock that is set back, for no stop', () => {
    jest.setSystemTime(Date.now() + STOPPED_MS - 100);
    expect(heartbeat.resumedMs).toBe(-Infinity);
    jest.setSystemTime(Date.now() - 60_000);
    jest.advanceTimersByTime(1_000);
    expect(heartbeat.resumedMs).toBe(-Infinity);
  });
});
