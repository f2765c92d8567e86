import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { WindowSet } from '../../../engines/audit/window-set.ts';
import { WindowAuditor } from '../../../engines/audit/windows.ts';

const SLIDE = 5_000;
const T0 = 1_700_000_000_000;

describe('a set of windows', () => {
  test('holds exactly what was added, whatever the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 5_000 })), { maxLength: 200 }),
        (added) => {
          const set = new WindowSet(SLIDE, T0);
          const expected = new Set<string>();
          for (const [appliance, index] of added) {
            const windowEnd = T0 + index * SLIDE;
            expect(set.add(appliance, windowEnd)).toBe(!expected.has(`${appliance} ${windowEnd}`));
            expected.add(`${appliance} ${windowEnd}`);
          }
          expect(set.size).toBe(expected.size);
          expect(new Set([...set].map(({ appliance, windowEnd }) => `${appliance} ${windowEnd}`))).toEqual(expected);
        },
      ),
    );
  });

  test('does not know a window that ends before its origin', () => {
    const set = new WindowSet(SLIDE, T0);
    expect(set.add('a', T0 - SLIDE)).toBe(false);
    expect(set.has('a', T0 - SLIDE)).toBe(false);
  });
});

describe('the audit of windows', () => {
  const auditor = (): WindowAuditor => new WindowAuditor(SLIDE, 2_000, T0);

  test('expects the five windows that hold a reading, once the watermark has passed them', () => {
    const windows = auditor();
    windows.reading('a', T0 + 1_000);
    expect(windows.audit().expected).toBe(0);
    // 7 s later the first of them is closed: it ended at T0 + 5 s, and the watermark stands at T0 + 6 s.
    windows.reading('b', T0 + 8_000);
    expect(windows.audit()).toMatchObject({ expected: 1, missing: 1 });
    windows.reading('b', T0 + 60_000);
    expect(windows.audit()).toMatchObject({ expected: 5 + 5, missing: 10 });
  });

  test('lets a reading on the edge belong to the window that starts there', () => {
    const windows = auditor();
    windows.reading('a', T0 + SLIDE);
    windows.reading('b', T0 + 2 * SLIDE + 2_000);
    windows.dutyCycle('a', T0 + 2 * SLIDE);
    expect(windows.audit()).toEqual({ expected: 1, found: 1, repeats: 0, missing: 0, unexpected: 0 });
  });

  test('tells repeats, missing and unexpected windows apart', () => {
    const windows = auditor();
    windows.reading('a', T0 + 1_000);
    windows.reading('a', T0 + 17_000);
    windows.dutyCycle('a', T0 + SLIDE);
    windows.dutyCycle('a', T0 + SLIDE);
    windows.dutyCycle('stranger', T0 + SLIDE);
    const { expected, found, repeats, missing, unexpected } = windows.audit();
    expect(expected).toBe(3);
    expect({ found, repeats, missing, unexpected }).toEqual({ found: 2, repeats: 1, missing: 2, unexpected: 1 });
  });
});
