import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { readStatus, statusAfter, writeStatus } from '../../../src/history/status-file.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'igrid-history-'));
});
afterEach(() => rm(directory, { recursive: true }));

const run = (slotMs: number, messages: number) => ({ slotMs, messages, durationMs: 5 });

describe("history's status", () => {
  test('begins with the first run and adds up slots and messages', () => {
    const first = statusAfter(undefined, run(25_000, 10), 26_000);
    expect(first).toEqual({
      last_success_ms: 26_000,
      last_slot_ms: 25_000,
      last_messages: 10,
      last_duration_ms: 5,
      slots: 1,
      messages: 10,
    });
    expect(statusAfter(first, run(50_000, 12), 51_000)).toMatchObject({ last_slot_ms: 50_000, slots: 2, messages: 22 });
  });

  test('counts a slot that is run again once, and says when it was last seen to be whole', () => {
    const first = statusAfter(undefined, run(25_000, 10), 26_000);
    expect(statusAfter(first, run(25_000, 10), 40_000)).toMatchObject({
      last_success_ms: 40_000,
      slots: 1,
      messages: 10,
    });
  });

  test('does not count a slot without messages, which is a success all the same', () => {
    expect(statusAfter(undefined, run(25_000, 0), 26_000)).toMatchObject({ last_success_ms: 26_000, slots: 0 });
  });

  test('is there again after it was written, and undefined before', async () => {
    const file = join(directory, 'status.json');
    const warnings: string[] = [];
    const warn = (sentence: string): void => void warnings.push(sentence);
    expect(await readStatus(file, warn)).toBeUndefined();
    const status = statusAfter(undefined, run(25_000, 10), 26_000);
    await writeStatus(file, status);
    expect(await readStatus(file, warn)).toEqual(status);
    expect(warnings).toEqual([]);
  });

  test.each(['', '{"last_success_ms":1', '{}', '[]', '{"last_success_ms":"yesterday"}'])(
    'begins again, with a warning that names the file, where the file says %j',
    async (text) => {
      const file = join(directory, 'status.json');
      await writeFile(file, text);
      const warnings: string[] = [];
      expect(await readStatus(file, (sentence) => warnings.push(sentence))).toBeUndefined();
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(file);
      await writeStatus(file, statusAfter(undefined, run(25_000, 10), 26_000));
      expect(await readStatus(file, (sentence) => warnings.push(sentence))).toMatchObject({ slots: 1 });
      expect(warnings).toHaveLength(1);
    },
  );
});
