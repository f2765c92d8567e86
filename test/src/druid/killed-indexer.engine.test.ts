import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';

import { until } from '../../../src/core/clock/until.ts';
import { querySql } from '../../../src/druid/sql.ts';
import { supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';
import { ingestionCounts, submitSupervisor } from '../../../src/druid/supervisors.ts';
import { withAdmin } from '../../../src/kafka/admin.ts';
import { startDruid, type TestDruid } from '../../support/druid.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';
import { sendPowerraw } from '../../support/powerraw.ts';

jest.setTimeout(1_200_000);

/**
 * Readings of an appliance each, more than the 9 MB of rows that an Indexer of this size lets a task hold: it writes to
 * disk in the middle of them. Long names make few of them enough. (In an Indexer, `maxRowsInMemory` means nothing.)
 */
const READINGS = 20_000;
const appliance = (index: number): string => `1_0_1_${index}`;
const RECOVERY = { intervalMs: 500, timeoutMs: 400_000 };
const startMs = Math.floor(Date.now() / 1_000) * 1_000;

let kafka: TestKafka;
let druid: TestDruid;
let sent = 0;

beforeAll(async () => {
  [kafka, druid] = await Promise.all([startKafka(), startDruid()]);
  await withAdmin(client(), (admin) =>
    admin.createTopics({
      topics: ['powerraw', 'dutycycle', 'history'].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })),
      waitForLeaders: true,
    }),
  );
  const [powerraw] = await supervisorSpecs({
    consumer: { 'bootstrap.servers': kafka.brokers },
    maxIntervalMs: 1_250,
  });
  if (!powerraw) {
    throw new Error('there is no spec');
  }
  await submitSupervisor(druid.api, powerraw);
}, 600_000);
afterAll(async () => {
  await Promise.all([druid.stop(), kafka.stop()]);
}, 120_000);

const client = (): Kafka => new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING });

/** Readings of as many appliances. */
async function send(count: number): Promise<void> {
  const readings = Array.from({ length: count }, (_, index) => ({
    house_id: '1_0_1',
    appliance_id: appliance(sent + index),
    appliance_name: appliance(sent + index).padEnd(200),
    ...{ timestamp: startMs, power: 100, interval_ms: 0 },
  }));
  const producer = client().producer();
  await producer.connect();
  await sendPowerraw(producer, readings);
  await producer.disconnect();
  sent += count;
}

const row = z.object({ readings: z.number().nullable(), appliances: z.number() });

/** What Druid has, once it has the reading that was sent last: from one partition, it then has all. */
function counted(): Promise<z.infer<typeof row>> {
  const totals = 'SELECT SUM("count") AS readings, COUNT(DISTINCT appliance_id) AS appliances FROM powerraw';
  const ask = async (query: string) => (await querySql(druid.api, query, row).catch(() => []))[0];
  return until(async () => {
    const newest = await ask(`${totals} WHERE appliance_id = '${appliance(sent - 1)}'`);
    return newest?.appliances === 1 && ((await ask(totals)) ?? false);
  }, RECOVERY);
}

const taskStatus = z.object({ statusCode: z.string() });

const commits = (): string[] => globSync(join(druid.tasks, '*', '*', 'work', 'persist', 'commit.json'));

describe('an Indexer whose task has written rows to disk', () => {
  beforeAll(async () => {
    await send(READINGS);
    expect(await counted()).toEqual({ readings: sent, appliances: sent });
  });
  // However often it is restored.
  afterEach(() => until(() => commits().length > 0, RECOVERY));

  test.each<[string, () => void | Promise<void>]>([
    ['killed', () => druid.kill('indexer')],
    [
      'killed after its Overlord was',
      async () => {
        const starts = druid.starts('coordinator-overlord');
        druid.kill('coordinator-overlord');
        await until(() => druid.starts('coordinator-overlord') > starts, RECOVERY);
        await druid.api.waitUntilLeading(RECOVERY.timeoutMs);
        druid.kill('indexer');
      },
    ],
    [
      'killed with its Overlord',
      () => {
        druid.kill('coordinator-overlord');
        druid.kill('indexer');
      },
    ],
  ])('counts no reading twice when it is %s, and loses none', async (_, kill) => {
    await until(() => commits().length > 0, RECOVERY);
    await kill();
    await send(READINGS);
    expect(await counted()).toEqual({ readings: sent, appliances: sent });
  });

  test('continues from them when it is stopped in order', async () => {
    await druid.stopAll();
    await send(20);
    await druid.startAll();
    expect(await counted()).toEqual({ readings: sent, appliances: sent });
    expect((await ingestionCounts(druid.api, 'powerraw')).processed).toBe(20);
  });

  // What a kill leaves between the supervisor's word where the task ends and the rows up to there.
  test('is given another task when a checkpoint lies further than its rows', async () => {
    await druid.stopAll();
    const [commit] = commits();
    if (commit === undefined) {
      throw new Error('the task has no rows');
    }
    const sequences = [{ checkpointed: true, endOffsets: { '0': sent + 1 } }];
    await writeFile(join(dirname(commit), 'sequences.json'), JSON.stringify(sequences));
    const id = basename(resolve(commit, '..', '..', '..'));
    await druid.startAll();
    await send(20);
    expect(await counted()).toEqual({ readings: sent, appliances: sent });
    const failed = await druid.api.get(`/druid/indexer/v1/task/${id}/status`, z.object({ status: taskStatus }));
    expect(failed).toEqual({ status: { statusCode: 'FAILED' } });
  });
});
