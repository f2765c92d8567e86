/**
 * Replaces reading tasks that would throw readings of the present away. For the moment before the Indexer starts.
 *
 * A task leaves out what is newer than its creation + its duration + `earlyMessageRejectionPeriod`, and moves that limit
 * by one duration for each that passes while it runs. After an outage it keeps the limit of its creation, but reads for
 * one more whole duration: whether the Indexer restores it or the Overlord assigns it again, it reads on and leaves
 * everything out (https://github.com/apache/druid/issues/4187, https://github.com/apache/druid/issues/6643). What it has
 * left out is lost once it publishes, and a supervisor that stops a running task makes it publish.
 *
 * While no Indexer runs no task reads, so nothing can be lost: the tasks are ended, and supervisors that are started
 * again make new ones from the last published offsets.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { sleep } from '../core/clock/timers.ts';
import { type DruidApi, DruidError } from './api.ts';
import { DATA_SOURCES, type DataSource } from './data-sources.ts';

const MINUTE_MS = 60_000;
/** How far ahead of the clock readings may be all the time, ms. */
const MARGIN_MS = 10 * MINUTE_MS;
/** An Indexer that wrote to its tasks' folder so recently left no task waiting for long, ms. It writes every 10 minutes. */
const RECENT_MS = 30 * MINUTE_MS;
const LOOK_EVERY_MS = 1_000;

const OVERLORD = '/druid/indexer/v1';

const limits = z.object({
  maximumMessageTime: z.iso.datetime().nullish(),
  /** The duration, in Druid's own words. */
  refreshRejectionPeriodsInMinutes: z.number().positive().nullish(),
});
/** Not every task reads, e.g. those that delete segments have no ioConfig. */
const task = z.object({ ioConfig: limits.default({}) });
const tasks = z.array(z.object({ id: z.string(), statusCode: z.string().nullish() }));

export interface StaleTaskOptions {
  /** How far ahead of the clock a task must be able to read for the whole of its duration, ms. Default: 10 minutes. */
  readonly marginMs?: number;
  /** How long the Overlord may take to answer, and to end and make tasks, ms. Default: 4 minutes. */
  readonly patienceMs?: number;
}

/**
 * Whether tasks have to be looked at with the Overlord before the Indexer starts; when not, it may start at once.
 *
 * @param directory the Indexer's folder of tasks (druid.indexer.task.baseTaskDir).
 * @param nowMs the clock, ms since the epoch.
 */
export async function mayHaveStaleTasks(
  directory: string,
  nowMs: number,
  { marginMs = MARGIN_MS }: StaleTaskOptions = {},
): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  let newestMs = 0;
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    newestMs = Math.max(newestMs, await stat(file).then(({ mtimeMs }) => mtimeMs, () => 0)); // prettier-ignore
    if (entry.name === 'task.json' && isStale(await limitsIn(file), nowMs, marginMs)) {
      return true;
    }
  }
  return nowMs - newestMs > RECENT_MS;
}

/**
 * Ends stale tasks and lets their supervisors make new ones. The Indexer must not run.
 *
 * @param directory as in {@link mayHaveStaleTasks}; emptied when there are stale tasks, so that none of them is restored.
 * @param api of the Overlord, as somebody who may write.
 * @returns ids of the tasks that were ended.
 * @throws DruidError when the Overlord does not answer in time, or stale tasks are left.
 */
export async function replaceStaleTasks(
  api: DruidApi,
  directory: string,
  { marginMs = MARGIN_MS, patienceMs = 240_000 }: StaleTaskOptions = {},
): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  await api.waitUntilLeading(patienceMs);
  const ended = new Set<string>();
  for (const dataSource of DATA_SOURCES) {
    for (;;) {
      const stale = await staleTasks(api, dataSource, marginMs);
      if (stale.length === 0) {
        break;
      }
      if (Date.now() > deadline) {
        throw new DruidError(`Druid keeps stale tasks of ${dataSource}: ${stale.join(', ')}`);
      }
      if (ended.size === 0) {
        await rm(directory, { recursive: true, force: true });
      }
      for (const id of stale) {
        ended.add(id);
        await api.request('POST', `${OVERLORD}/task/${id}/shutdown`);
      }
      await restartSupervisor(api, dataSource);
      await sleep(LOOK_EVERY_MS);
    }
  }
  return [...ended];
}

async function staleTasks(api: DruidApi, dataSource: DataSource, marginMs: number): Promise<string[]> {
  const stale: string[] = [];
  for (const { id, statusCode } of await api.get(`${OVERLORD}/tasks?datasource=${dataSource}`, tasks)) {
    if (statusCode !== 'RUNNING') {
      continue;
    }
    const { payload } = await api.get(`${OVERLORD}/task/${id}`, z.object({ payload: task }));
    if (isStale(payload.ioConfig, Date.now(), marginMs)) {
      stale.push(id);
    }
  }
  return stale;
}

/** A supervisor that is submitted again forgets its groups of tasks, whose limits new tasks would get. */
async function restartSupervisor(api: DruidApi, dataSource: DataSource): Promise<void> {
  const spec = await api.get(`${OVERLORD}/supervisor/${dataSource}`, z.json());
  await api.post(`${OVERLORD}/supervisor`, spec, z.object({ id: z.literal(dataSource) }));
}

function isStale(
  { maximumMessageTime, refreshRejectionPeriodsInMinutes }: z.infer<typeof limits>,
  nowMs: number,
  marginMs: number,
): boolean {
  if (typeof maximumMessageTime !== 'string') {
    return false;
  }
  const durationMs = (refreshRejectionPeriodsInMinutes ?? 0) * MINUTE_MS;
  return Date.parse(maximumMessageTime) - durationMs < nowMs + marginMs;
}

/** A file that is cut off says nothing: the Indexer does not restore such a task. */
async function limitsIn(file: string): Promise<z.infer<typeof limits>> {
  try {
    return task.parse(JSON.parse(await readFile(file, 'utf8'))).ioConfig;
  } catch {
    return {};
  }
}
