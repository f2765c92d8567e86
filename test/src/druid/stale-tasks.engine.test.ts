import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';

import type { PowerRaw } from '../../../src/core/messages/messages.ts';
import { querySql } from '../../../src/druid/sql.ts';
import { supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';
import { ingestionCounts, submitSupervisor } from '../../../src/druid/supervisors.ts';
import { withAdmin } from '../../../src/kafka/admin.ts';
import { startDruid, type TestDruid } from '../../support/druid.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';
import { sendPowerraw } from '../../support/powerraw.ts';

jest.setTimeout(1_200_000);

/**
 * A task's limit is its creation, its duration and `earlyMessageRejectionPeriod`. With a period below zero it is reached
 * after a minute, when the task is far from its end, as after an outage of hours.
 */
const [TASK_DURATION_S, AHEAD_S] = [600, -540];
const LIMIT_MS = (TASK_DURATION_S + AHEAD_S) * 1_000;
/** With such a period every task would be stale at once: here one is when it was created this long ago. */
const STALE_AFTER_MS = 30_000;

let kafka: TestKafka;
let druid: TestDruid;
const readings: PowerRaw[] = [];

beforeAll(async () => {
  [kafka, druid] = await Promise.all([
    startKafka(),
    startDruid({ staleTasks: { marginMs: AHEAD_S * 1_000 - STALE_AFTER_MS } }),
  ]);
}, 600_000);
afterAll(async () => {
  await Promise.all([druid.stop(), kafka.stop()]);
}, 120_000);

async function sendSome(count: number, timestamp: number): Promise<void> {
  const some = Array.from({ length: count }, (_, index) => ({
    ...{ house_id: '1_0_1', appliance_id: `1_0_1_${index}`, appliance_name: 'refrigerator' },
    ...{ timestamp, power: 100, interval_ms: 0 },
  }));
  const producer = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await sendPowerraw(producer, some);
  await producer.disconnect();
  readings.push(...some);
}

const count = async (): Promise<number> => {
  const row = z.object({ n: z.number().nullable() });
  const rows = await querySql(druid.api, 'SELECT SUM("count") AS n FROM powerraw', row).catch(() => []);
  return rows[0]?.n ?? 0;
};

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 400_000;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`not within 400 s: ${what}`);
    }
    await sleep(500);
  }
}

describe('a Druid that was off for longer than its tasks look ahead', () => {
  test('has every reading of the outage and of the present', async () => {
    await withAdmin(new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }), (admin) =>
      admin.createTopics({
        topics: ['powerraw', 'dutycycle', 'history'].map((topic) => ({
          topic,
          numPartitions: 1,
          replicationFactor: 1,
        })),
        waitForLeaders: true,
      }),
    );
    const specs = await supervisorSpecs({
      consumer: { 'bootstrap.servers': kafka.brokers },
      maxIntervalMs: 1_250,
      taskDuration: `PT${TASK_DURATION_S}S`,
      ahead: `PT${AHEAD_S}S`,
    });
    const [powerrawSpec] = specs;
    if (!powerrawSpec) {
      throw new Error('there is no spec');
    }
    await submitSupervisor(druid.api, powerrawSpec);
    await sendSome(10, Date.now());
    await until(async () => (await count()) === 10, 'the first readings');
    const offMs = Date.now();
    await druid.stopAll();
    await sendSome(20, offMs);
    // The outage is a span of the clock: the limit was set when the task was created, which was before it was stopped.
    await sleep(Math.max(0, offMs + LIMIT_MS + 1_000 - Date.now()));
    // The present, which new tasks are made for and old ones are not, however long Druid takes to start.
    const resumedMs = Date.now();
    await druid.startAll();
    await sendSome(30, resumedMs);

    await until(async () => (await count()) === readings.length, 'all readings');
    const { thrownAway } = await ingestionCounts(druid.api, 'powerraw');
    expect(thrownAway).toBe(0);
  });
});
