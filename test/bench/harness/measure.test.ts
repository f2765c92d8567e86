import { describe, expect, test } from '@jest/globals';

import type { Bench, BenchCase, Contender, Run } from '../../../bench/harness/bench-case.ts';
import { measure, median } from '../../../bench/harness/measure.ts';

const order: string[] = [];
let closed = 0;

/** Gives the rates one by one. */
function contender(name: string, rates: readonly number[], more?: readonly Run['more'][]): Contender {
  let round = 0;
  return {
    name,
    run: () => {
      order.push(name);
      const rate = rates[round] ?? NaN;
      const figures = more?.[round];
      round += 1;
      return Promise.resolve({
        rate,
        count: 2_000_000,
        cpuSeconds: { client: rate / 100, engine: 4 },
        ...(figures && { more: figures }),
      });
    },
  };
}

function caseOf(ours: Contender, peers: readonly Contender[]): BenchCase {
  return {
    name: 'a-case',
    title: 'a case',
    unit: 'readings/s',
    open: () => Promise.resolve({ ours, peers, close: () => Promise.resolve(void (closed += 1)) }),
  };
}

// The cases of this test need nothing of a bench but its notes.
const bench = { note: () => undefined, signal: new AbortController().signal } as unknown as Bench;

describe('measuring a case', () => {
  test('lets the contenders take turns and gives the median of each', async () => {
    order.length = 0;
    const ours = contender('fast', [300, 100, 200], [{ p99_ms: 3 }, { p99_ms: 9 }, { p99_ms: 5 }]);
    const result = await measure(bench, caseOf(ours, [contender('slow', [10, 30, 20])]), 3);
    expect(order).toEqual(['fast', 'slow', 'fast', 'slow', 'fast', 'slow']);
    expect(result).toMatchObject({
      contender: 'fast',
      ours: 200,
      peers: { slow: 20 },
      rounds: 3,
      spread: { ours: [100, 300], slow: [10, 30] },
      cpu_s_per_million: { ours: { client: 1, engine: 2 }, slow: { client: 0.1, engine: 2 } },
      more: { ours: { p99_ms: 5 }, slow: {} },
    });
  });

  test('closes a case whose contender fails', async () => {
    closed = 0;
    const failing: Contender = { name: 'broken', run: () => Promise.reject(new Error('no broker')) };
    await expect(measure(bench, caseOf(failing, []), 3)).rejects.toThrow('no broker');
    expect(closed).toBe(1);
  });

  test('closes a case that the user stops while a contender is at work', async () => {
    closed = 0;
    const stop = new AbortController();
    const endless: Contender = { name: 'endless', run: () => new Promise(() => stop.abort(new Error('enough'))) };
    await expect(measure({ ...bench, signal: stop.signal }, caseOf(endless, []), 3)).rejects.toThrow('enough');
    expect(closed).toBe(1);
  });

  test('takes a median that was measured, and refuses to take one of nothing', () => {
    expect(median([4, 1, 3, 2])).toBe(2);
    expect(() => median([])).toThrow('nothing was measured');
  });
});
