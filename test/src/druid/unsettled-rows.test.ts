import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { discardUnsettledRows } from '../../../src/druid/unsettled-rows.ts';

let root = '';
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'igrid-tasks-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

/** Offsets of two partitions, as Druid writes them. */
type Offsets = Record<'0' | '1', number>;

const commit = (next: Offsets) => ({
  hydrants: { 'powerraw_2026-01-31T12:00:00.000Z_2026-01-31T13:00:00.000Z_2026-01-31T12:00:01.000Z': 3 },
  metadata: {
    segments: {},
    lastSegmentIds: {},
    callerMetadata: { nextPartitions: { type: 'end', stream: 'powerraw', partitionSequenceNumberMap: next } },
  },
});
const sequence = (endOffsets: Offsets, checkpointed: boolean) => ({
  ...{ sequenceId: 0, sequenceName: 'index_kafka_powerraw_0', startOffsets: { '0': 0, '1': 0 } },
  ...{ endOffsets, checkpointed, exclusiveStartPartitions: [], sentinel: false },
});
const [READ, END] = [{ '0': 1_000, '1': 2_000 }, { '0': 1_001, '1': 2_000 }] as const; // prettier-ignore
const OPEN = { '0': Number.MAX_SAFE_INTEGER, '1': Number.MAX_SAFE_INTEGER };

const path = (...parts: string[]): string => join(root, 'slot0', 'index_kafka_powerraw_1', ...parts);
const COMMIT = ['work', 'persist', 'commit.json'];
const SEQUENCES = ['work', 'persist', 'sequences.json'];
const REPORT = ['2f6c5f0e-9f0e-4a63-8b6f-0a4f0d7c3a11', 'report.json'];

async function written(parts: string[], content: unknown): Promise<void> {
  await mkdir(dirname(path(...parts)), { recursive: true });
  await writeFile(path(...parts), typeof content === 'string' ? content : JSON.stringify(content));
}

const discarded = (): Promise<string[]> => discardUnsettledRows(root);
const TASK = ['index_kafka_powerraw_1'];

describe('rows that a task has on disk', () => {
  beforeEach(async () => {
    await written(['task.json'], {});
    await written(COMMIT, commit(READ));
  });

  test('are read again when it was killed', async () => {
    expect(await discarded()).toEqual(TASK);
    expect(existsSync(path(...COMMIT))).toBe(false);
    expect(existsSync(path('task.json'))).toBe(true);
  });

  test('are read again from the sequence that is not published', async () => {
    const sequences = [sequence(READ, true), sequence(OPEN, false)];
    await written(SEQUENCES, sequences);
    expect(await discarded()).toEqual(TASK);
    expect(JSON.parse(await readFile(path(...SEQUENCES), 'utf8'))).toEqual(sequences);
  });

  test('are kept when it was stopped in order, and read again when it is killed after that', async () => {
    await written(REPORT, report(null));
    expect(await discarded()).toEqual([]);
    expect(JSON.parse(await readFile(path(...COMMIT), 'utf8'))).toEqual(commit(READ));
    // Restored meanwhile.
    expect(await discarded()).toEqual(TASK);
  });

  test('are read again when it failed while it was stopped', async () => {
    await written(REPORT, report('java.io.IOException: No space left on device'));
    expect(await discarded()).toEqual(TASK);
  });

  test('are kept when they are all that it should read', async () => {
    await written(COMMIT, commit(END));
    await written(SEQUENCES, [sequence(END, true)]);
    expect(await discarded()).toEqual([]);
    expect(existsSync(path(...COMMIT))).toBe(true);
  });

  test('are read by another task when a checkpoint is further, though it was stopped in order', async () => {
    await written(SEQUENCES, [sequence(END, true)]);
    await written(REPORT, report(null));
    expect(await discarded()).toEqual(TASK);
    expect(existsSync(path(...COMMIT))).toBe(false);
    // It is restored, finds nothing to read from, and fails.
    expect(await readFile(path(...SEQUENCES), 'utf8')).toBe('[]');
    expect(await discarded()).toEqual([]);
  });

  test('are kept when they are published and wait for a Historical', async () => {
    await written(SEQUENCES, []);
    expect(await discarded()).toEqual([]);
    expect(existsSync(path(...COMMIT))).toBe(true);
  });

  test('are left to Druid when it can read none of them', async () => {
    await written(SEQUENCES, '[{"sequenceId":');
    expect(await discarded()).toEqual([]);
    await written(SEQUENCES, [sequence(OPEN, false)]);
    await written(COMMIT, '{"hydr');
    expect(await discarded()).toEqual(TASK);
  });
});

test('a task that has written none, and an Indexer that never ran, have nothing to discard', async () => {
  await written(['work', 'persist', '.lock'], '');
  expect(await discarded()).toEqual([]);
  expect(existsSync(path('work'))).toBe(true);
  expect(await discardUnsettledRows(join(root, 'none'))).toEqual([]);
});

function report(errorMsg: string | null) {
  return {
    ingestionStatsAndErrors: {
      type: 'ingestionStatsAndErrors',
      taskId: TASK[0],
      payload: { ingestionState: 'COMPLETED', errorMsg, segmentAvailabilityConfirmed: errorMsg === null },
    },
    taskContext: { type: 'taskContext', taskId: TASK[0], payload: {} },
  };
}
