import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { SourceHeap } from '../../../../src/datasets/rows/source-heap.ts';

describe('a heap of sources', () => {
  test('merges sorted sources into the order of a stable sort', () => {
    const sorted = fc.array(fc.integer({ min: -5, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(sorted, { minLength: 1, maxLength: 8 }), (lists) => {
        for (const list of lists) {
          list.sort((a, b) => a - b);
        }
        const heap = new SourceHeap(lists.map((list) => list[0] ?? NaN));
        const next = lists.map(() => 0);
        const merged: [number, number][] = [];
        while (heap.size > 0) {
          const source = heap.first;
          const at = next[source] ?? NaN;
          merged.push([lists[source]?.[at] ?? NaN, source]);
          next[source] = at + 1;
          const following = lists[source]?.[at + 1];
          if (following === undefined) {
            heap.removeFirst();
          } else {
            heap.moveFirst(following);
          }
        }
        const expected = lists
          .flatMap((list, source) => list.map((instant): [number, number] => [instant, source]))
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(merged).toEqual(expected);
      }),
    );
  });

  test('begins with the sources whose first instant is unknown', () => {
    const heap = new SourceHeap([5, -Infinity, -Infinity]);
    expect(heap.first).toBe(1);
    heap.moveFirst(7);
    expect(heap.first).toBe(2);
    heap.moveFirst(6);
    expect(heap.first).toBe(0);
  });
});
