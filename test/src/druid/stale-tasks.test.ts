import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { DruidApi, DruidError } from '../../../src/druid/api.ts';
import { mayHaveStaleTasks, replaceStaleTasks } from '../../../src/druid/stale-tasks.ts';
import { type Answer, type Asked, standIn } from '../hosts/druid/stand-in.ts';

const MINUTE_MS = 60_000;

let root = '';
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'igrid-tasks-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

/** A task of an hour that looks 70 minutes ahead, as our specs have it. @param agoMs since it was created. */
const created = (agoMs: number, nowMs = Date.now()) => ({
  ioConfig: {
    maximumMessageTime: new Date(nowMs - agoMs + 130 * MINUTE_MS).toISOString(),
    refreshRejectionPeriodsInMinutes: 60,
  },
});

async function taskFile(id: string, task: unknown, writtenMs: number): Promise<void> {
  const file = join(root, 'tasks', 'slot0', id, 'task.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof task === 'string' ? task : JSON.stringify(task));
  await utimes(file, writtenMs / 1_000, writtenMs / 1_000);
}

describe("an Indexer's folder of tasks", () => {
  const now = Date.parse('2026-01-31T12:00:00Z');
  const mayBeStale = (): Promise<boolean> => mayHaveStaleTasks(join(root, 'tasks'), now);

  test('says that the Indexer was off for a moment', async () => {
    await taskFile('index_kafka_powerraw_1', created(5 * MINUTE_MS, now), now - MINUTE_MS);
    expect(await mayBeStale()).toBe(false);
  });

  test('says that a task would leave out what comes within its duration', async () => {
    await taskFile('index_kafka_powerraw_1', created(5 * MINUTE_MS, now), now - MINUTE_MS);
    await taskFile('index_kafka_powerraw_2', created(61 * MINUTE_MS, now), now - MINUTE_MS);
    expect(await mayBeStale()).toBe(true);
  });

  test('says nothing of tasks that wait for an Indexer that was off for long, or never was', async () => {
    expect(await mayBeStale()).toBe(true);
    await taskFile('index_kafka_powerraw_1', '{"ioConfig":', now - 40 * MINUTE_MS);
    expect(await mayBeStale()).toBe(true);
  });
});

describe('stale tasks', () => {
  const spec = { type: 'kafka', spec: { ioConfig: { taskDuration: 'PT1H' } } };

  /** An Overlord with some tasks of powerraw, by id, as long as they are not shut down. */
  async function overlord(tasks: Record<string, unknown>, keepsThem = false) {
    const running = new Map(Object.entries(tasks));
    const server = await standIn(({ method, path }: Asked): Answer => {
      if (path === '/druid/indexer/v1/isLeader') {
        return { body: { leader: true } };
      }
      if (path.startsWith('/druid/indexer/v1/tasks?datasource=')) {
        const ids = path.endsWith('powerraw') ? [...running.keys()] : [];
        const done = { id: 'index_kafka_powerraw_done', statusCode: 'SUCCESS' };
        return { body: [...ids.map((id) => ({ id, statusCode: 'RUNNING' })), done] };
      }
      const [, id = '', action] = /^\/druid\/indexer\/v1\/task\/([^/]+)(\/shutdown)?$/.exec(path) ?? [];
      if (action !== undefined && method === 'POST') {
        if (!keepsThem) {
          running.delete(id);
        }
        return { body: { task: id } };
      }
      if (running.has(id)) {
        return { body: { task: id, payload: running.get(id) } };
      }
      if (path === '/druid/indexer/v1/supervisor/powerraw') {
        return { body: spec };
      }
      if (path === '/druid/indexer/v1/supervisor') {
        return { body: { id: 'powerraw' } };
      }
      return { status: 404 };
    });
    return { server, running, api: new DruidApi({ url: server.url }) };
  }

  test('are ended, their files removed, and their supervisor is submitted again as it is', async () => {
    await taskFile('index_kafka_powerraw_old', created(200 * MINUTE_MS), Date.now());
    const { server, running, api } = await overlord({
      index_kafka_powerraw_old: created(200 * MINUTE_MS),
      index_kafka_powerraw_new: created(MINUTE_MS),
      // Tasks that read nothing from Kafka.
      compact_powerraw: { ioConfig: { type: 'compact' } },
      kill_powerraw: { type: 'kill' },
    });
    try {
      expect(await replaceStaleTasks(api, join(root, 'tasks'))).toEqual(['index_kafka_powerraw_old']);
      expect([...running.keys()]).toEqual(['index_kafka_powerraw_new', 'compact_powerraw', 'kill_powerraw']);
      expect(await readdir(root)).toEqual([]);
      const submitted = server.asked.filter(({ method, path }) => method === 'POST' && path.endsWith('/supervisor'));
      expect(submitted.map(({ body }) => body)).toEqual([spec]);
    } finally {
      await server.stop();
    }
  });

  test('are none when Druid was off for a moment: nothing is ended and no file touched', async () => {
    await taskFile('index_kafka_powerraw_new', created(MINUTE_MS), Date.now());
    const { server, api } = await overlord({ index_kafka_powerraw_new: created(MINUTE_MS) });
    try {
      expect(await replaceStaleTasks(api, join(root, 'tasks'))).toEqual([]);
      expect(server.asked.filter(({ method }) => method === 'POST')).toEqual([]);
      expect(await readdir(root)).toEqual(['tasks']);
    } finally {
      await server.stop();
    }
  });

  test('that Druid does not end are named, so that no Indexer starts with them', async () => {
    const { server, api } = await overlord({ index_kafka_powerraw_old: created(200 * MINUTE_MS) }, true);
    try {
      const replaced = replaceStaleTasks(api, join(root, 'tasks'), { patienceMs: 1_500 });
      await expect(replaced).rejects.toThrow(DruidError);
      await expect(replaced).rejects.toThrow(/powerraw: index_kafka_powerraw_old/);
    } finally {
      await server.stop();
    }
  });
});
