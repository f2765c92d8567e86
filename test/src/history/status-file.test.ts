import { mkdtemp, rm } from 'node:fs/promises';
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
    expect(await readStatus(file)).toBeUndefined();
    const status = statusAfter(undefined, run(25_000, 10), 26_000);
    await writeStatus(file, status);
    expect(await readStatus(file)).toEqual(status);
  });
});
