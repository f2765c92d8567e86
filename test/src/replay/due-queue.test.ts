import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { DueQueue } from '../../../src/replay/due-queue.ts';

describe('a due queue', () => {
  test('gives what falls due first, however it was put in and whatever is put back', () => {
    const dues = fc.array(fc.integer({ min: 0, max: 50 }));
    fc.assert(
      fc.property(dues, dues, (first, later) => {
        const queue = new DueQueue<{ due: number }>();
        const expected = [...first];
        for (const due of first) {
          queue.push({ due });
        }
        for (const due of later) {
          expected.sort((a, b) => a - b);
          expect(queue.due).toBe(expected[0] ?? Infinity);
          expect(queue.pop()?.due).toBe(expected.shift());
          queue.push({ due });
          expected.push(due);
        }
        expected.sort((a, b) => a - b);
        expect(Array.from({ length: queue.size }, () => queue.pop()?.due)).toEqual(expected);
        expect(queue.pop()).toBeUndefined();
      }),
    );
  });
});
