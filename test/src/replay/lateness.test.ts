import { describe, expect, test } from '@jest/globals';

import { Lateness } from '../../../src/replay/lateness.ts';

const DUE_MS = 1_700_000_000_000;

function noted(...latenessMs: readonly number[]): Lateness {
  const lateness = new Lateness();
  for (const ms of latenessMs) {
    lateness.nowMs = DUE_MS + ms;
    lateness.note(DUE_MS);
  }
  return lateness;
}

describe('lateness', () => {
  test('is told as its median, its 99th percentile and its maximum', () => {
    const lateness = noted(...Array.from({ length: 1_000 }, (_, ms) => ms));
    expect(lateness.take()).toEqual({ p50: 499, p99: 989, max: 999 });
  });

  test('is none for what is sent when it is due, or without readings', () => {
    expect(noted(0, 0, 0).take()).toEqual({ p50: 0, p99: 0, max: 0 });
    expect(new Lateness().takeWhole()).toEqual({ p50: 0, p99: 0, max: 0 });
  });

  test('is told since it was last asked, and as a whole', () => {
    const lateness = noted(10);
    expect(lateness.take().max).toBe(10);
    lateness.nowMs = DUE_MS + 4;
    lateness.note(DUE_MS);
    expect(lateness.take().max).toBe(4);
    expect(lateness.takeWhole()).toEqual({ p50: 4, p99: 10, max: 10 });
  });

  test('of more than a day is a day', () => {
    expect(noted(200_000_000).take().max).toBeCloseTo(86_400_000, -5);
  });
});
