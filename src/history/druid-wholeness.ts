/**
 * Whether Druid holds everything of some spans and can serve it. A query alone does not tell: the Broker asks the
 * servers that it sees, and answers from a part of the data, without a word, while a Historical or an Indexer is away.
 *
 * Three questions cover the way of a reading: do the tasks that read the topic run on a server that the Broker sees, and
 * has it run for long enough to be believed; have they read all of the spans; and is everything that tasks have published
 * served by somebody?
 */
import type { Kafka } from 'kafkajs';
import { z } from 'zod';

import { until, WaitTimeoutError } from '../core/clock/until.ts';
import { TOPICS } from '../core/messages/topics.ts';
import { type DruidApi, DruidError } from '../druid/api.ts';
import { querySql } from '../druid/sql.ts';
import { withAdmin } from '../kafka/admin.ts';
import { HistoryError } from './errors.ts';
import type { Span } from './spans.ts';

/** By partition of the topic, the offset after the last reading of the spans. */
export type Offsets = ReadonlyMap<number, bigint>;

/** How often Druid is asked how far its tasks have read, ms; it asks them itself every 30 s by default. */
const POLL_MS = 1_000;

/**
 * How long an Indexer has to run before its supervisor is believed, ms. A task that is restored reads again what was only
 * in the memory of the one before, while the supervisor still reports how far that one had read: it asks every 10 s
 * (`offsetFetchPeriod` of the spec), and an answer may be one period late. That a start is seen is not left to chance: an
 * Indexer starts only when the one before is no longer registered (ec2-userdata/druid/wait-for-deregistration.sh).
 */
const SETTLING_MS = 30_000;

/** Where the spans end in the topic: the first reading that is newer, or the topic's end. */
export async function offsetsAfter(kafka: Kafka, spans: readonly Span[]): Promise<Offsets> {
  return withAdmin(kafka, async (admin) => {
    const end = Math.max(...spans.map(({ toMs }) => toMs));
    const offsets = await admin.fetchTopicOffsetsByTimestamp(TOPICS.powerraw, end);
    return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
  });
}

/**
 * @param patienceMs how long Druid's tasks may take to settle after a start, and to read what they have not read yet.
 * @throws HistoryError when Druid is empty, or holds or serves only a part of the spans.
 * @throws DruidError when Druid is away.
 */
export async function assertWhole(
  api: DruidApi,
  spans: readonly Span[],
  offsets: Offsets,
  patienceMs: number,
): Promise<void> {
  await assertTasksSeen(api, patienceMs);
  await assertRead(api, offsets, patienceMs);
  await assertServed(api, spans);
}

/** Tasks' offsets by partition, as text keys; a task that has just started has no current ones. */
const offsetsByPartition = z.record(z.string(), z.union([z.int(), z.string()]).transform(BigInt));
const tasks = z.array(
  z.object({ startingOffsets: offsetsByPartition.nullish(), currentOffsets: offsetsByPartition.nullish() }),
);
const supervisor = z.object({
  payload: z.object({ detailedState: z.string(), activeTasks: tasks, publishingTasks: tasks }),
});

const SUPERVISOR = `/druid/indexer/v1/supervisor/${TOPICS.powerraw}/status`;

async function assertRead(api: DruidApi, offsets: Offsets, patienceMs: number): Promise<void> {
  let behind = 0n;
  let state = '';
  const hasRead = async (): Promise<boolean> => {
    const { payload } = await api.get(SUPERVISOR, supervisor).catch((error: unknown) => {
      throw error instanceof DruidError && error.status === 404
        ? new HistoryError(`Druid does not ingest ${TOPICS.powerraw}: its supervisor has to be submitted first`)
        : error;
    });
    state = payload.detailedState;
    const read = new Map<number, bigint>();
    for (const { startingOffsets, currentOffsets } of [...payload.activeTasks, ...payload.publishingTasks]) {
      for (const [partition, offset] of Object.entries({ ...startingOffsets, ...currentOffsets })) {
        const known = read.get(Number(partition)) ?? 0n;
        read.set(Number(partition), offset > known ? offset : known);
      }
    }
    behind = 0n;
    for (const [partition, offset] of offsets) {
      const missing = offset - (read.get(partition) ?? 0n);
      if (missing > 0n) {
        behind += missing;
      }
    }
    return behind === 0n;
  };
  try {
    await until(hasRead, { intervalMs: POLL_MS, timeoutMs: patienceMs });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) {
      throw error;
    }
    throw new HistoryError(
      `Druid has not read ${behind} of the messages of topic ${TOPICS.powerraw} yet that the slot is made from ` +
        `(its supervisor is ${state}): wait until it has caught up`,
    );
  }
}

const segments = z.object({ known: z.int(), missing: z.int() });

async function assertServed(api: DruidApi, spans: readonly Span[]): Promise<void> {
  // The columns "start" and "end" are text, ISO 8601 in UTC with milliseconds, which sorts as time does.
  const overlaps = spans.map(
    ({ fromMs, toMs }) =>
      `("start" < '${new Date(toMs).toISOString()}' AND "end" > '${new Date(fromMs).toISOString()}')`,
  );
  const missing = [
    `is_published = 1 AND is_overshadowed = 0 AND is_available = 0`,
    // A segment that the retention rules load nowhere is not missing.
    `replication_factor <> 0`,
    `(${overlaps.join(' OR ')})`,
  ].join(' AND ');
  const [count = { known: 0, missing: 0 }] = await querySql(
    api,
    `SELECT COUNT(*) AS known, COUNT(*) FILTER (WHERE ${missing}) AS missing FROM sys.segments WHERE datasource = ?`,
    segments,
    { parameters: [TOPICS.powerraw] },
  );
  if (count.known === 0) {
    throw new HistoryError(
      `Druid holds no readings at all in ${TOPICS.powerraw}: see whether readings arrive and its supervisor runs`,
    );
  }
  if (count.missing > 0) {
    throw new HistoryError(
      `Druid serves only a part of ${TOPICS.powerraw}, ${count.missing} segments that the slot is made from are ` +
        'on no server: see whether its Historical runs',
    );
  }
}

/** A task's server as the Broker sees it; null when it sees none. `start_time` is ISO 8601. */
const taskServer = z.object({ id: z.string(), start_time: z.string().nullable() });

async function assertTasksSeen(api: DruidApi, patienceMs: number): Promise<void> {
  let ageMs = 0;
  let unseen = 0;
  const areSettled = async (): Promise<boolean> => {
    const servers = await querySql(
      api,
      `SELECT t.task_id AS id, s.start_time FROM sys.tasks t LEFT JOIN sys.servers s
         ON t.host = s.host AND t.plaintext_port = s.plaintext_port
       WHERE t.datasource = ? AND t.status = 'RUNNING'`,
      taskServer,
      { parameters: [TOPICS.powerraw] },
    );
    // A task counts as running from its submission on, some time before an Indexer takes it and is known as its place.
    unseen = servers.filter(({ start_time: startTime }) => startTime === null).length;
    if (unseen > 0) {
      return false;
    }
    const newest = Math.max(...servers.map(({ start_time: startTime }) => Date.parse(startTime ?? '')));
    ageMs = Date.now() - newest;
    return ageMs >= SETTLING_MS;
  };
  try {
    await until(areSettled, { intervalMs: POLL_MS, timeoutMs: patienceMs });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) {
      throw error;
    }
    if (unseen > 0) {
      throw new HistoryError(
        `Druid serves only a part of ${TOPICS.powerraw}, ${unseen} of its ingestion tasks are on no server that runs: ` +
          'see whether its Indexer runs',
      );
    }
    throw new HistoryError(
      `Druid's Indexer has started ${Math.max(0, Math.round(ageMs / 1_000))} s ago and may hold less of ` +
        `${TOPICS.powerraw} than its supervisor knows of: wait until it has run for ${SETTLING_MS / 1_000} s`,
    );
  }
}
