import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { RowWindow } from '../../../../src/datasets/rows/row-window.ts';

/** What a window of a given reach does, by the book: a sorted list from which the first leaves when it is too long. */
function byTheBook(
  instants: readonly number[],
  reach: number,
): { released: number[]; refused: (string | undefined)[] } {
  const held: number[] = [];
  const released: number[] = [];
  const refused = instants.map((instant) => {
    const last = released.at(-1) ?? -Infinity;
    if (instant < last) {
      return 'out_of_order';
    }
    if (instant === last || held.includes(instant)) {
      return 'duplicate_timestamp';
    }
    held.push(instant);
    held.sort((a, b) => a - b);
    if (held.length > reach) {
      released.push(held.shift() ?? NaN);
    }
    return undefined;
  });
  return { released: [...released, ...held], refused };
}

function drain(window: RowWindow, into: number[]): void {
  while (window.hasRow) {
    const { timestamp, missing } = window;
    expect([window.cell(0), window.cell(1), missing]).toEqual([Math.fround(timestamp / 7), NaN, timestamp % 5]);
    into.push(timestamp);
    window.advance();
  }
}

describe('a row window', () => {
  test('releases rows in order, with their cells, and refuses what comes too late, whenever rows are taken', () => {
    const steps = fc.array(fc.tuple(fc.nat(300), fc.boolean()), { maxLength: 400 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 20 }), (given, reach) => {
        const window = new RowWindow(2, reach);
        const released: number[] = [];
        const refused = given.map(([instant, take]) => {
          window.row[0] = instant / 7;
          const reason = window.push(instant, instant % 5);
          if (take) {
            drain(window, released);
          }
          return reason;
        });
        window.finish();
        drain(window, released);
        expect({ released, refused }).toEqual(
          byTheBook(
            given.map(([instant]) => instant),
            reach,
          ),
        );
      }),
    );
  });

  test('holds as many rows as are pushed before any is taken', () => {
    const window = new RowWindow(1, 10);
    for (let instant = 0; instant < 50_000; instant += 1) {
      window.push(instant, 0);
    }
    window.finish();
    let expected = 0;
    while (window.hasRow) {
      if (window.timestamp === expected) {
        expected += 1;
      }
      window.advance();
    }
    expect(expected).toBe(50_000);
  });
});
