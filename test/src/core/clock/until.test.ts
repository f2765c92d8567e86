import { getEventListeners } from 'node:events';

import { expect, test } from '@jest/globals';

import { until, WaitTimeoutError } from '../../../../src/core/clock/until.ts';

test('looks again until there is something to see, and gives it', async () => {
  const answers = [false, false, 'here'] as const;
  let looks = 0;
  await expect(until(() => answers[looks++] ?? false, { intervalMs: 1, timeoutMs: 10_000 })).resolves.toBe('here');
  expect(looks).toBe(3);
});

test('gives up when the time is up, even in the middle of a look', async () => {
  await expect(until(() => false, { intervalMs: 1, timeoutMs: 20 })).rejects.toThrow(WaitTimeoutError);
  await expect(until(() => new Promise<false>(() => undefined), { timeoutMs: 20 })).rejects.toThrow('within 20 ms');
  const otherwise = () => new RangeError('no broker');
  await expect(until(() => false, { intervalMs: 1, timeoutMs: 20, otherwise })).rejects.toThrow(RangeError);
});

test('throws what a look throws', async () => {
  await expect(until(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});

test('ends with the reason of a signal', async () => {
  const stop = new AbortController();
  const waiting = until(() => false, { intervalMs: 1, signal: stop.signal });
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
  await expect(until(() => true, { signal: stop.signal })).rejects.toThrow('stopped');
});

test('has one listener on a signal however long it waits, and none afterwards', async () => {
  const { signal } = new AbortController();
  const counts: number[] = [];
  await until(() => counts.push(getEventListeners(signal, 'abort').length) > 30, { intervalMs: 0, signal });
  expect(new Set(counts)).toEqual(new Set([1]));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
