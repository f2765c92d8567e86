import { spawnSync } from 'node:child_process';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { directoryOf, removeAll } from './data-on-disk.ts';

afterAll(removeAll);
jest.setTimeout(120_000);

// Else the collector lets garbage lie for as long as there is memory, and that is what would be measured.
const SMALL_HEAP = ['--max-old-space-size=64', '--max-semi-space-size=2'];

/** Rows of about 20 bytes, one a second. */
function rows(count: number): string {
  return Array.from({ length: count }, (_, row) => `${1_303_132_929 + row} ${row % 3_000}.25\n`).join('');
}

/** Peak resident memory of a process that reads a data set from end to end, MB. */
async function peakOf(text: string): Promise<number> {
  const directory = await directoryOf({ 'house_1/labels.dat': '3 oven\n', 'house_1/channel_3.dat': text });
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...SMALL_HEAP, '--import', 'tsx', 'bench/datasets/read.main.ts', directory, '1'],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return Number(/peak RSS (\d+) MB/.exec(stdout)?.[1]);
}

describe('reading', () => {
  test('takes no more memory for a file thirty times as large', async () => {
    const [small, large] = [await peakOf(rows(100_000)), await peakOf(rows(3_000_000))];
    // 58 MB of rows; what is allowed is what a garbage collector may be late by.
    expect(large - small).toBeLessThan(30);
  });
});
