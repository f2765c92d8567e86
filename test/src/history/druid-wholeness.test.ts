import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, test } from '@jest/globals';

import { DruidApi } from '../../../src/druid/api.ts';
import { assertWhole } from '../../../src/history/druid-wholeness.ts';

const SPANS = [{ fromMs: Date.UTC(2026, 10, 23, 5, 50), toMs: Date.UTC(2026, 10, 23, 5, 51) }];

/** Answers as Druid 33.0.0 gave them, cut to what matters; a test changes one. */
interface Answers {
  readonly supervisor: unknown;
  /** The tasks that run, with the start of the server that the Broker sees each on. */
  readonly tasks: readonly { id: string; start_time: string | null }[];
  readonly segments: { known: number; missing: number };
}
const task = (currentOffsets: Record<string, number>) => ({ startingOffsets: { '0': 40, '1': 0 }, currentOffsets });
const supervisor = (...activeTasks: unknown[]) => ({
  payload: { detailedState: 'RUNNING', activeTasks, publishingTasks: [] },
});
const WELL: Answers = {
  supervisor: supervisor(task({ '0': 100, '1': 50 })),
  tasks: [{ id: 'index_kafka_powerraw_1', start_time: '2026-11-23T05:20:00.000Z' }],
  segments: { known: 3, missing: 0 },
};

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

async function whole(answers: Answers, needed: Record<number, bigint>, patienceMs = 250): Promise<void> {
  const listening = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url?.includes('/supervisor/') === true) {
        if (answers.supervisor === undefined) {
          response.statusCode = 404;
        }
        response.end(JSON.stringify(answers.supervisor ?? { error: '[powerraw] does not exist' }));
        return;
      }
      const rows = body.includes('sys.tasks') ? answers.tasks : [answers.segments];
      response.end(rows.map((row) => `${JSON.stringify(row)}\n`).join('') + '\n');
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const offsets = new Map(Object.entries(needed).map(([partition, offset]) => [Number(partition), offset]));
  await assertWhole(new DruidApi({ url: `http://127.0.0.1:${port}` }), SPANS, offsets, patienceMs);
}

describe("Druid's answer counts as complete", () => {
  test('when its tasks are seen, have read all of the spans, and everything published is served', async () => {
    await expect(whole(WELL, { 0: 100n, 1: 50n })).resolves.toBeUndefined();
  });

  test('but not when a partition is not read to the end of the spans', async () => {
    await expect(whole(WELL, { 0: 100n, 1: 57n })).rejects.toThrow(/has not read 7 of the messages/);
  });

  test('and a task that has just started has read what lies before its start', async () => {
    const started = { ...WELL, supervisor: supervisor({ startingOffsets: { '0': 40, '1': 0 }, currentOffsets: {} }) };
    await expect(whole(started, { 0: 40n, 1: 0n })).resolves.toBeUndefined();
    server?.close();
    await expect(whole(started, { 0: 41n, 1: 0n })).rejects.toThrow(/has not read 1 of the messages/);
  });

  test('but not when an ingestion task is on a server that the Broker does not see', async () => {
    const unseen = { ...WELL, tasks: [...WELL.tasks, { id: 'a', start_time: null }] };
    await expect(whole(unseen, { 0: 1n })).rejects.toThrow(/see whether its Indexer/);
  });

  test('once a task that was just submitted has its place on an Indexer', async () => {
    const [places, queued] = [WELL.tasks, [{ id: 'a', start_time: null }]];
    let asked = 0;
    const starting: Answers = {
      ...WELL,
      get tasks() {
        asked += 1;
        return asked === 1 ? queued : places;
      },
    };
    await expect(whole(starting, { 0: 1n }, 10_000)).resolves.toBeUndefined();
    expect(asked).toBe(2);
  });

  test('but not when an Indexer has only just started: its supervisor still says how far the one before had read', async () => {
    const restarted = { ...WELL, tasks: [{ id: 'a', start_time: new Date(Date.now() - 20_000).toISOString() }] };
    await expect(whole(restarted, { 0: 1n })).rejects.toThrow(/Indexer has started 20 s ago/);
  });

  test('but not when a published segment is on no server', async () => {
    await expect(whole({ ...WELL, segments: { known: 3, missing: 1 } }, { 0: 1n })).rejects.toThrow(
      /see whether its Historical/,
    );
  });

  test('but not when it is empty', async () => {
    await expect(whole({ ...WELL, segments: { known: 0, missing: 0 } }, { 0: 0n })).rejects.toThrow(
      /no readings at all/,
    );
  });

  test('but not when nothing ingests powerraw', async () => {
    await expect(whole({ ...WELL, supervisor: undefined }, { 0: 0n })).rejects.toThrow(/has to be submitted first/);
  });
});
