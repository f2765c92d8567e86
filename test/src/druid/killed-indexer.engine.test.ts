import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import { querySql } from '../../../src/druid/sql.ts';
import { supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';
import { submitSupervisor } from '../../../src/druid/supervisors.ts';
import { withAdmin } from '../../../src/kafka/with-admin.ts';
import { startDruid, type TestDruid } from '../../support/druid.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';
import { sendPowerraw } from '../../support/powerraw.ts';

jest.setTimeout(1_200_000);

let kafka: TestKafka;
let druid: TestDruid;
let sent = 0;
/** Rows that are more than the 9 MB which an Indexer of this size lets a task hold; it overrides `maxRowsInMemory`. */
const ENOUGH = 60_000;
const startMs = Math.floor(Date.now() / 1_000) * 1_000;

beforeAll(async () => {
  [kafka, druid] = await Promise.all([startKafka(), startDruid()]);
}, 600_000);
afterAll(async () => {
  await Promise.all([druid.stop(), kafka.stop()]);
}, 120_000);

/** Readings of as many appliances, so that each is a row of its own. */
async function send(count: number): Promise<void> {
  const some = Array.from({ length: count }, (_, index) => ({
    ...{ house_id: '1_0_1', appliance_id: `1_0_1_${sent + index}`, appliance_name: 'refrigerator' },
    ...{ timestamp: startMs, power: 100, interval_ms: 0 },
  }));
  const producer = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await sendPowerraw(producer, some);
  await producer.disconnect();
  sent += count;
}

const row = z.object({ readings: z.number().nullable(), appliances: z.number() });

/** Waits until Druid has the reading that was sent last: from one partition, it then has all. */
async function counted(): Promise<z.infer<typeof row> | undefined> {
  const newest = `SELECT 0 AS readings, COUNT(*) AS appliances FROM powerraw WHERE appliance_id = '1_0_1_${sent - 1}'`;
  await until(
    async () => ((await querySql(druid.api, newest, row).catch(() => []))[0]?.appliances ?? 0) > 0,
    'the reading that was sent last',
  );
  // Not COUNT(DISTINCT), which Druid estimates.
  const each = 'SELECT appliance_id, SUM("count") AS n FROM powerraw GROUP BY 1';
  const all = `SELECT SUM(n) AS readings, COUNT(*) AS appliances FROM (${each})`;
  return (await querySql(druid.api, all, row))[0];
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 400_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 400 s: ${what}`);
    await sleep(500);
  }
}

const hasWritten = async (): Promise<boolean> =>
  (await readdir(druid.tasks, { recursive: true })).some((file) => file.endsWith('commit.json'));

test('an Indexer that was killed after its task had written rows to disk counts no reading twice, and none is lost', async () => {
  await withAdmin(new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }), (admin) =>
    admin.createTopics({
      topics: ['powerraw', 'dutycycle', 'history'].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })),
      waitForLeaders: true,
    }),
  );
  const [spec] = await supervisorSpecs({
    consumer: { 'bootstrap.servers': kafka.brokers },
    maxIntervalMs: 1_250,
  });
  if (!spec) throw new Error('there is no spec');
  await submitSupervisor(druid.api, spec);
  await send(ENOUGH);
  expect(await counted()).toEqual({ readings: ENOUGH, appliances: ENOUGH });
  await until(hasWritten, 'rows on disk');

  druid.kill('indexer');
  await send(ENOUGH);
  expect(await counted()).toEqual({ readings: 2 * ENOUGH, appliances: 2 * ENOUGH });

  // Stopped in order, it goes on from what its task has on disk.
  await until(hasWritten, 'rows on disk');
  await druid.stopAll();
  await send(20);
  await druid.startAll();
  expect(await counted()).toEqual({ readings: sent, appliances: sent });
});
