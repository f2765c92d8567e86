import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { z } from 'zod';

import { askGridFigures } from '../../../src/canary/grid-figures.ts';
import { lookups } from '../../../src/core/appliances/registry.ts';
import { dutycycle, history, type PowerRaw, powerraw } from '../../../src/core/messages/messages.ts';
import { DruidError } from '../../../src/druid/api.ts';
import { setLookups, waitForLookups } from '../../../src/druid/lookups.ts';
import { querySql, UnknownDataSourceError } from '../../../src/druid/sql.ts';
import { retentionRules, supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';
import {
  ingestionCounts,
  setDefaultRules,
  submitSupervisor,
  supervisorStatus,
} from '../../../src/druid/supervisors.ts';
import { withAdmin } from '../../../src/kafka/admin.ts';
import { startDruid, type TestDruid } from '../../support/druid.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';
import { sendPowerraw } from '../../support/powerraw.ts';

const HOUSES = 20;
const APPLIANCES_PER_HOUSE = 5;
const INTERVAL_MS = 250;
const MAX_GAP_MS = 1_250;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

jest.setTimeout(180_000);

let kafka: TestKafka;
let druid: TestDruid;
let client: Kafka;
let producer: Producer;

beforeAll(async () => {
  [kafka, druid] = await Promise.all([startKafka(), startDruid()]);
  client = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING });
  await withAdmin(client, (admin) =>
    admin.createTopics({
      topics: ['powerraw', 'dutycycle', 'history'].map((topic) => ({ topic, numPartitions: 6, replicationFactor: 1 })),
      waitForLeaders: true,
    }),
  );
  producer = client.producer({ idempotent: true });
  await producer.connect();
  await submitAll();
}, 360_000);

afterAll(async () => {
  await producer.disconnect();
  await Promise.all([druid.stop(), kafka.stop()]);
}, 120_000);

async function submitAll(): Promise<void> {
  const specs = await supervisorSpecs({
    consumer: { 'bootstrap.servers': kafka.brokers },
    maxIntervalMs: MAX_GAP_MS,
  });
  for (const spec of specs) {
    await submitSupervisor(druid.api, spec);
  }
}

/** Readings of all appliances every {@link INTERVAL_MS}. */
function readings(fromMs: number, instants: number): PowerRaw[] {
  const all: PowerRaw[] = [];
  for (let instant = 0; instant < instants; instant += 1) {
    for (let house = 0; house < HOUSES; house += 1) {
      for (let channel = 1; channel <= APPLIANCES_PER_HOUSE; channel += 1) {
        all.push({
          house_id: `1_0_${house}`,
          appliance_id: `1_0_${house}_${channel}`,
          appliance_name: channel === 1 ? 'refrigerator' : 'microwave',
          timestamp: fromMs + instant * INTERVAL_MS,
          power: house * 10 + channel,
          interval_ms: instant === 0 ? 0 : INTERVAL_MS,
        });
      }
    }
  }
  return all;
}

/** What Druid holds of one span, added up. */
async function totals(fromMs: number, toMs: number): Promise<z.infer<typeof totalsRow>> {
  const [row] = await querySql(
    druid.api,
    `SELECT COALESCE(SUM("count"), 0) AS readings, COALESCE(SUM(energy), 0) AS energy_j,
            COALESCE(SUM(sum_power), 0) AS sum_power, COALESCE(SUM(observed_ms), 0) AS observed_ms
     FROM powerraw WHERE __time >= MILLIS_TO_TIMESTAMP(?) AND __time < MILLIS_TO_TIMESTAMP(?)`,
    totalsRow,
    { parameters: [fromMs, toMs] },
  );
  if (row === undefined) {
    throw new Error('an aggregate without a row');
  }
  return row;
}
const totalsRow = z.object({
  readings: z.number(),
  energy_j: z.number(),
  sum_power: z.number(),
  observed_ms: z.number(),
});

function expectedTotals(all: readonly PowerRaw[]): z.infer<typeof totalsRow> {
  const sum = (value: (one: PowerRaw) => number): number => all.reduce((total, one) => total + value(one), 0);
  return {
    readings: all.length,
    energy_j: sum((one) => (one.power * one.interval_ms) / 1_000),
    sum_power: sum((one) => one.power),
    observed_ms: sum((one) => one.interval_ms),
  };
}

/**
 * Asks until the answer is as expected and has stayed so for a while; answers are partial while tasks recover.
 *
 * @throws the last mismatch.
 */
async function eventually<T>(ask: () => Promise<T>, expected: T, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let right = 0; right < 5;) {
    let answer: T | undefined;
    let problem: DruidError | undefined;
    try {
      answer = await ask();
    } catch (error) {
      // Before the first row, and while processes come back.
      if (!(error instanceof DruidError)) {
        throw error;
      }
      problem = error;
    }
    const isRight = problem === undefined && JSON.stringify(answer) === JSON.stringify(expected);
    right = isRight ? right + 1 : 0;
    if (!isRight && Date.now() > deadline) {
      if (problem !== undefined) {
        throw problem;
      }
      expect(answer).toEqual(expected);
    }
    await sleep(200);
  }
}

// Whole hours apart from each other, so that each test has a span of its own.
const start = Math.floor((Date.now() - 10 * HOUR_MS) / HOUR_MS) * HOUR_MS;

describe('Druid on one machine', () => {
  test('refuses a query of a data source before its first row', async () => {
    await expect(querySql(druid.api, 'SELECT * FROM powerraw', z.unknown())).rejects.toThrow(UnknownDataSourceError);
  });

  test('holds every reading once, rolled up, and counts what it leaves out', async () => {
    const good = readings(start, 200);
    const one = good[7];
    if (one === undefined) {
      throw new Error('no readings');
    }
    const implausible = [
      { power: -1 },
      { power: NaN },
      { power: Infinity },
      { power: 100_001 },
      { interval_ms: -1 },
      { interval_ms: MAX_GAP_MS + 1 },
      { timestamp: Date.now() - 30 * DAY_MS },
      { timestamp: Date.now() + 3 * HOUR_MS },
    ].map((wrong) => powerraw.encode({ ...one, ...wrong }));
    const bytes = powerraw.encode(one);
    const garbage = [
      Buffer.alloc(0),
      Buffer.from('{"power": 1}'),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.from([0])]),
      Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f]),
    ];
    await sendPowerraw(producer, good.slice(0, 5_000));
    await producer.send({ topic: 'powerraw', messages: [...implausible, ...garbage].map((value) => ({ value })) });
    await producer.send({ topic: 'powerraw', messages: [{ key: 'a tombstone', value: null }] });
    await sendPowerraw(producer, good.slice(5_000));

    await eventually(() => totals(start, start + HOUR_MS), expectedTotals(good));
    const rows = await querySql(druid.api, 'SELECT COUNT(*) AS "rows" FROM powerraw', z.object({ rows: z.number() }));
    expect(rows).toEqual([{ rows: (good.length * INTERVAL_MS) / 1_000 }]);
    // Tasks report their counts now and then.
    await eventually(() => ingestionCounts(druid.api, 'powerraw'), {
      processed: good.length,
      processedWithError: 0,
      // The tombstone has no value to be read, and is counted here too.
      thrownAway: implausible.length + 1,
      unparseable: garbage.length,
    });
  });

  test('has a duty cycle that comes twice once, and sees a history slot only when it is whole', async () => {
    const window = {
      ...{ house_id: '1_0_1', appliance_id: '1_0_1_1', appliance_name: 'refrigerator' },
      ...{ window_start: start, window_end: start + 25_000, duty_cycle: 0.5, coverage: 0.8 },
      ...{ on_ms: 10_000, observed_ms: 20_000, mean_power: 60, readings: 17 },
    };
    const value = dutycycle.encode(window);
    await producer.send({ topic: 'dutycycle', messages: [{ value }, { value }] });

    const transactional = client.producer({
      transactionalId: 'history-test',
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await transactional.connect();
    const slot = (timestamp: number, meanPower: number) => ({
      ...{ house_id: '1_0_1', appliance_id: '1_0_1_1', appliance_name: 'refrigerator' },
      ...{ timestamp, mean_power: meanPower, days: 5, coverage: 0.9 },
    });
    const write = async (timestamp: number, meanPower: number, commit: boolean): Promise<void> => {
      const transaction = await transactional.transaction();
      await transaction.send({ topic: 'history', messages: [{ value: history.encode(slot(timestamp, meanPower)) }] });
      await (commit ? transaction.commit() : transaction.abort());
    };
    await write(start, 999, false);
    await write(start, 54, true);
    await write(start, 54, true);
    await write(start + 1_000, 55, true);
    await transactional.disconnect();

    const windows = () =>
      querySql(
        druid.api,
        `SELECT TIMESTAMP_TO_MILLIS(__time) AS "end", window_start, on_ms, observed_ms, energy, readings, COUNT(*) AS "rows"
         FROM dutycycle GROUP BY 1, 2, 3, 4, 5, 6`,
        z.record(z.string(), z.number()),
      );
    await eventually(windows, [
      {
        end: start + 25_000,
        window_start: start,
        on_ms: 10_000,
        observed_ms: 20_000,
        energy: 1_200,
        readings: 17,
        rows: 1,
      },
    ]);
    const slots = () =>
      querySql(
        druid.api,
        `SELECT TIMESTAMP_TO_MILLIS(__time) AS slot, MAX(mean_power) AS mean_power, MAX(days) AS days, MAX(coverage) AS coverage
         FROM history GROUP BY 1 ORDER BY 1`,
        z.record(z.string(), z.number()),
      );
    await eventually(slots, [
      { slot: start, mean_power: 54, days: 5, coverage: 0.9 },
      { slot: start + 1_000, mean_power: 55, days: 5, coverage: 0.9 },
    ]);
  });

  test('answers by class, type and role of an appliance through lookups', async () => {
    expect(await setLookups(druid.api, lookups())).toEqual(['appliance_class', 'appliance_type', 'appliance_role']);
    await waitForLookups(druid.api, ['appliance_class', 'appliance_type', 'appliance_role'], 60_000);
    expect(await setLookups(druid.api, lookups())).toEqual([]);
    const rows = await querySql(
      druid.api,
      `SELECT appliance_name AS name, LOOKUP(appliance_name, 'appliance_class') AS class,
              LOOKUP(appliance_name, 'appliance_role') AS role
       FROM powerraw GROUP BY 1, 2, 3 ORDER BY 1`,
      z.object({ name: z.string(), class: z.string(), role: z.string() }),
    );
    expect(rows.map(({ name }) => name)).toEqual(['microwave', 'refrigerator']);
    for (const { name, ...found } of rows) {
      expect(found).toEqual({ class: lookups().appliance_class[name], role: lookups().appliance_role[name] });
    }
  });

  test('tells what appliances draw now, and what of it could be shed', async () => {
    expect(await askGridFigures(druid.api, 5)).toBeUndefined();
    // The newest complete second is the one before the last.
    const all = readings(Math.floor(Date.now() / 1_000) * 1_000 - 12_000, 48);
    await sendPowerraw(producer, all);
    const watts = (sheddable: boolean): number =>
      all
        .slice(0, HOUSES * APPLIANCES_PER_HOUSE)
        .filter((one) => !sheddable || lookups().appliance_class[one.appliance_name] === 'thermostatic')
        .reduce((total, { power }) => total + power, 0);
    const figures = async () => {
      const found = await askGridFigures(druid.api, 5);
      return found && { ...found, appliances: Math.round(found.appliances / 10) };
    };
    await eventually<Awaited<ReturnType<typeof figures>>>(figures, {
      power_kw: watts(false) / 1_000,
      sheddable_kw: watts(true) / 1_000,
      appliances: (HOUSES * APPLIANCES_PER_HOUSE) / 10,
      readings_per_s: (HOUSES * APPLIANCES_PER_HOUSE * 1_000) / INTERVAL_MS,
    });
  });

  test('continues undisturbed when specs and rules are submitted again unchanged', async () => {
    const tasks = () =>
      querySql(druid.api, "SELECT task_id FROM sys.tasks WHERE status = 'RUNNING' ORDER BY 1", z.unknown());
    await setDefaultRules(druid.api, await retentionRules());
    const before = await tasks();
    expect(before).toHaveLength(3);
    await submitAll();
    await setDefaultRules(druid.api, await retentionRules());
    await sleep(2_000);
    expect(await tasks()).toEqual(before);
    expect(await supervisorStatus(druid.api, 'powerraw')).toMatchObject({
      state: 'RUNNING',
      healthy: true,
      activeTasks: 1,
    });
  });

  test('counts exactly after its Indexer was killed while readings came in', async () => {
    const from = start + HOUR_MS;
    const all = readings(from, 400);
    for (let at = 0; at < all.length; at += 4_000) {
      await sendPowerraw(producer, all.slice(at, at + 4_000));
      if (at === 16_000) {
        druid.kill('indexer');
      }
    }
    await eventually(() => totals(from, from + HOUR_MS), expectedTotals(all), 120_000);
  });

  test('keeps everything over a stop of all its processes, and continues where it was', async () => {
    const from = start + 2 * HOUR_MS;
    const before = await totals(start, from);
    expect(before.readings).toBe(60_000);
    await druid.restart();
    const all = readings(from, 20);
    await sendPowerraw(producer, all);
    await eventually(() => totals(from, from + HOUR_MS), expectedTotals(all), 120_000);
    await eventually(() => totals(start, from), before, 120_000);
    const names = await querySql(
      druid.api,
      "SELECT DISTINCT LOOKUP(appliance_name, 'appliance_role') AS role FROM powerraw",
      z.object({ role: z.string() }),
    );
    expect(names).toEqual([{ role: 'appliance' }]);
  });
});
