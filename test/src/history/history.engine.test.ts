import { stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import getPort from 'get-port';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { z } from 'zod';

import { airflowPassword, airflowPasswordsFile, historyStatusFile } from '../../../engines/processes/airflow.ts';
import { AIRFLOW_USER } from '../../../src/airflow/settings.ts';
import { until, WaitTimeoutError } from '../../../src/core/clock/until.ts';
import { type History, history, type PowerRaw } from '../../../src/core/messages/messages.ts';
import { randomFrom } from '../../../src/core/random.ts';
import { querySql, UnknownDataSourceError } from '../../../src/druid/sql.ts';
import { supervisorSpecs } from '../../../src/druid/supervisor-specs.ts';
import { submitSupervisor } from '../../../src/druid/supervisors.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { writeSlot } from '../../../src/history/slot-writer.ts';
import { readStatus } from '../../../src/history/status-file.ts';
import { withAdmin } from '../../../src/kafka/admin.ts';
import { readCommitted } from '../../../src/kafka/read-committed.ts';
import { setUpAirflow, type TestAirflow } from '../../support/airflow.ts';
import { startDruid, type TestDruid } from '../../support/druid.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';
import { sendPowerraw } from '../../support/powerraw.ts';
import { usualPowers } from './usual-powers.ts';

// At speed 120 a grid day is 12 minutes and a history window 10 seconds.
const SPEED = 120;
const DAY_MS = 720_000;
const WINDOW_MS = 10_000;
const DAYS = 3;
const SLOT = Math.floor(Date.now() / 25_000) * 25_000;
const WRITER = { transactionalId: 'igrid-history', groupId: 'igrid-history', transactionTimeoutMs: 60_000 };

const ROOT = repositoryPath();

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
}, 360_000);

afterAll(async () => {
  await producer.disconnect();
  await Promise.all([druid.stop(), kafka.stop()]);
}, 120_000);

/**
 * Readings of three days around the slot's time of day and beyond it: appliances of different rates, with gaps, some of
 * them not on all days, none on the third, and the canary.
 */
function knownReadings(): PowerRaw[] {
  const random = randomFrom(4);
  const readings: PowerRaw[] = [];
  for (let house = 0; house < 20; house += 1) {
    for (let channel = 1; channel <= 4; channel += 1) {
      for (const day of house % 5 === 0 ? [1] : [1, 2]) {
        let previous: number | undefined;
        let at = SLOT - day * DAY_MS - WINDOW_MS - 3_000;
        while (at < SLOT - day * DAY_MS + WINDOW_MS + 3_000) {
          readings.push({
            house_id: `1_0_${house}`,
            appliance_id: `1_0_${house}_${channel}`,
            appliance_name: channel === 1 ? 'mains' : 'refrigerator',
            timestamp: at,
            power: Math.fround(random() * 2_000),
            interval_ms: previous === undefined ? 0 : Math.min(250, at - previous),
          });
          previous = at;
          at += Math.floor(random() * 150 * channel) + (random() < 0.05 ? 2_000 : 5);
        }
      }
    }
  }
  for (let at = SLOT - DAY_MS - 1_000; at < SLOT - DAY_MS; at += 250) {
    readings.push({
      house_id: '0_canary',
      appliance_id: '0_canary_1',
      appliance_name: 'canary',
      timestamp: at,
      power: 1,
      interval_ms: 250,
    });
  }
  return readings;
}

/** By appliance, reading by reading: what the messages of the slot must be. */
function expectedOf(readings: readonly PowerRaw[]): Map<string, Omit<History, 'house_id' | 'appliance_name'>> {
  const expected = new Map<string, Omit<History, 'house_id' | 'appliance_name'>>();
  for (const id of new Set(readings.map((reading) => reading.appliance_id))) {
    let energy = 0;
    let observed = 0;
    const days = new Set<number>();
    for (const reading of readings) {
      if (reading.appliance_id !== id || reading.appliance_name === 'canary') {
        continue;
      }
      for (let day = 1; day <= DAYS; day += 1) {
        const distance = Math.floor(reading.timestamp / 1_000) * 1_000 - (SLOT - day * DAY_MS);
        if (distance < -WINDOW_MS || distance >= WINDOW_MS) {
          continue;
        }
        energy += reading.power * (reading.interval_ms / 1_000);
        observed += reading.interval_ms / 1_000;
        if (reading.interval_ms > 0) {
          days.add(day);
        }
      }
    }
    if (observed === 0) {
      continue;
    }
    expected.set(id, {
      appliance_id: id,
      timestamp: SLOT,
      mean_power: energy / observed,
      days: days.size,
      coverage: observed / (DAYS * 2 * (WINDOW_MS / 1_000)),
    });
  }
  return expected;
}

async function submitAll(): Promise<void> {
  for (const spec of await supervisorSpecs({ consumer: { 'bootstrap.servers': kafka.brokers }, maxIntervalMs: 250 })) {
    await submitSupervisor(druid.api, spec);
  }
}

/** The history program as Airflow runs it. */
async function run(slotMs: number, ...others: string[]) {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [
      ...['--import', 'tsx', 'src/history/history.main.ts', '--slot', String(slotMs), '--speed', String(SPEED)],
      ...['--days', String(DAYS), '--brokers', kafka.brokers, '--druid', druid.url, ...others],
    ],
    { cwd: ROOT, reject: false },
  );
  const outcome = z.object({ written: z.boolean(), messages: z.int() });
  // pino's lines and Node's own warnings are beside the point.
  const complaints = stderr.split('\n').filter((line) => line !== '' && !/^[{(]|^Timeout duration/.test(line));
  return { exitCode, complaints, outcome: exitCode === 0 ? outcome.parse(JSON.parse(stdout)) : undefined };
}

/**
 * Committed messages of the topic that are of a slot.
 *
 * @param atLeast how many are waited for: Kafka says that a transaction is committed before it is marked so in every
 *     partition, and nothing of it is seen until then.
 */
async function committed(slotMs: number, atLeast: number): Promise<History[]> {
  let found: History[] = [];
  const isWhole = async (): Promise<boolean> => {
    found = await committedNow(slotMs);
    return found.length >= atLeast;
  };
  // When there are fewer, the test says which.
  await until(isWhole, { intervalMs: 500, timeoutMs: 10_000 }).catch((error: unknown) => {
    if (!(error instanceof WaitTimeoutError)) {
      throw error;
    }
  });
  return found;
}

async function committedNow(slotMs: number): Promise<History[]> {
  const ends = await withAdmin(client, (admin) => admin.fetchTopicOffsets('history'));
  const found: History[] = [];
  await readCommitted(client, {
    topic: 'history',
    groupId: 'test',
    stretches: ends.map(({ partition, low, high }) => ({ partition, from: BigInt(low), to: BigInt(high) })),
    onMessage: ({ value, key, timestamp }) => {
      const message = history.decode(value ?? Buffer.alloc(0));
      expect(key?.toString()).toBe(message.house_id);
      expect(timestamp).toBe(String(message.timestamp));
      if (message.timestamp === slotMs) {
        found.push(message);
      }
    },
  });
  return found;
}

async function records(): Promise<number> {
  const ends = await withAdmin(client, (admin) => admin.fetchTopicOffsets('history'));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

describe('history', () => {
  const readings = knownReadings();
  const expected = expectedOf(readings);

  test('is refused in one line, with status 1, while Druid is away, ingests nothing, or is empty', async () => {
    const away = await run(SLOT, '--druid', `http://127.0.0.1:${await getPort()}`);
    expect(away).toMatchObject({
      exitCode: 1,
      complaints: [expect.stringMatching(/^history: Druid at .* not answer/)],
    });
    const idle = await run(SLOT);
    expect(idle).toMatchObject({
      exitCode: 1,
      complaints: [expect.stringContaining('supervisor has to be submitted')],
    });
    await submitAll();
    const empty = await run(SLOT, '--patience', '1s');
    expect(empty).toMatchObject({ exitCode: 1, complaints: [expect.stringMatching(/^history: Druid /)] });
    expect(await records()).toBe(0);
  }, 120_000);

  test('is energy over observed time of the same time of day, for every appliance and not for the canary', async () => {
    await sendPowerraw(producer, readings);
    const { exitCode, outcome, complaints } = await run(SLOT, '--patience', '90s');
    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: [] });
    expect(outcome).toEqual({ written: true, messages: expected.size });

    const messages = await committed(SLOT, expected.size);
    expect(new Set(messages.map((message) => message.appliance_id))).toEqual(new Set(expected.keys()));
    expect(messages).toHaveLength(expected.size);
    for (const message of messages) {
      const right = expected.get(message.appliance_id);
      expect(message).toMatchObject({ timestamp: SLOT, days: right?.days });
      expect(message.mean_power / (right?.mean_power ?? NaN)).toBeCloseTo(1, 9);
      expect(message.coverage).toBeCloseTo(right?.coverage ?? NaN, 12);
    }
    expect(new Set(messages.map((message) => message.days))).toEqual(new Set([1, 2]));
  }, 240_000);

  test('is written once, however often a slot is run', async () => {
    const before = await records();
    const { exitCode, outcome } = await run(SLOT);
    expect({ exitCode, outcome }).toEqual({ exitCode: 0, outcome: { written: false, messages: expected.size } });
    expect(await records()).toBe(before);
  }, 60_000);

  test('of a run that was killed half-way is invisible, and the next run writes the whole slot', async () => {
    const slot = SLOT + 1_000;
    const before = await records();
    const killed = await execa(
      process.execPath,
      [
        '--import',
        'tsx',
        join(import.meta.dirname, 'abandoned-writer.ts'),
        kafka.brokers,
        'igrid-history',
        String(slot),
      ],
      { cwd: ROOT, reject: false },
    );
    expect(killed.signal).toBe('SIGKILL');

    const { outcome } = await run(slot);
    expect(outcome).toEqual({ written: true, messages: expected.size });
    // What the dead run sent is in the topic, for those to see who read what was never committed.
    expect(await records()).toBeGreaterThan(before + 1_000 + expected.size);
    const messages = await committed(slot, expected.size);
    expect(messages.map((message) => message.appliance_id).sort()).toEqual([...expected.keys()].sort());
  }, 120_000);

  test('of a run that was thought dead and continues is refused by the brokers', async () => {
    const slot = SLOT + 2_000;
    const zombie = writeSlot(
      client,
      WRITER,
      slot,
      () => usualPowers(slot, () => run(slot).then(({ exitCode }) => expect(exitCode).toBe(0))),
      () => Promise.resolve(),
    );
    await expect(zombie).rejects.toThrow(/epoch|fenced/i);
    const messages = await committed(slot, expected.size);
    expect(messages.map((message) => message.appliance_id).sort()).toEqual([...expected.keys()].sort());
  }, 120_000);

  test('reports no messages, and succeeds, when no appliance was observed at that time of day', async () => {
    const { exitCode, outcome } = await run(SLOT - 5 * 60_000);
    expect({ exitCode, outcome }).toEqual({ exitCode: 0, outcome: { written: false, messages: 0 } });
  }, 60_000);

  test('is whole or not written at all while an Indexer is killed and comes back', async () => {
    const slot = SLOT + 3_000;
    druid.kill('indexer');
    await until(
      async () => {
        const { exitCode, outcome, complaints } = await run(slot, '--patience', '5s');
        if (exitCode === 0) {
          expect(outcome).toEqual({ written: true, messages: expected.size });
        } else {
          expect({ exitCode, lines: complaints.length }).toEqual({ exitCode: 1, lines: 1 });
        }
        return exitCode === 0;
      },
      { intervalMs: 1_000, timeoutMs: 150_000 },
    );
    expect(await committed(slot, expected.size)).toHaveLength(expected.size);
  }, 180_000);

  test('is in Druid as it is in the topic: every appliance of every whole slot once', async () => {
    const row = z.object({ slot: z.int(), appliances: z.int(), rows: z.int() });
    const query = `SELECT TIMESTAMP_TO_MILLIS(__time) AS slot, COUNT(DISTINCT appliance_id) AS appliances, COUNT(*) AS "rows"
      FROM history GROUP BY 1 ORDER BY 1`;
    const whole = [0, 1_000, 2_000, 3_000].map((after) => ({
      slot: SLOT + after,
      appliances: expected.size,
      rows: expected.size,
    }));
    const rows = () =>
      querySql(druid.api, query, row, { context: { useApproximateCountDistinct: false } }).catch((error: unknown) => {
        if (error instanceof UnknownDataSourceError) {
          return [];
        }
        throw error;
      });
    await until(async () => (await rows()).length >= whole.length, { intervalMs: 500, timeoutMs: 60_000 });
    expect(await rows()).toEqual(whole);
  }, 90_000);
});

describe('history by Airflow', () => {
  let airflow: TestAirflow;
  beforeAll(async () => {
    const readings: PowerRaw[] = [];
    const begin = Date.now() - DAY_MS - 2 * WINDOW_MS;
    for (let at = begin; at < begin + 600_000; at += 250) {
      readings.push({
        ...{ house_id: '2_0_0', appliance_id: '2_0_0_1', appliance_name: 'freezer' },
        ...{ timestamp: at, power: 80, interval_ms: 250 },
      });
    }
    await sendPowerraw(producer, readings);
    airflow = await setUpAirflow(kafka.brokers, druid.url, SPEED);
  }, 240_000);
  afterAll(() => airflow.stop(), 60_000);

  test('makes a slot when the DAG is tried by hand', async () => {
    const { exitCode, output } = await airflow.command('dags', 'test', 'igrid_history');
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringContaining('"written":true') });
  }, 240_000);

  test('makes a slot on schedule, which is a whole multiple of the interval', async () => {
    await airflow.start();
    const runs = z.object({ dag_runs: z.array(z.object({ data_interval_end: z.iso.datetime({ offset: true }) })) });
    const path = '/api/v2/dags/igrid_history/dagRuns?state=success&run_type=scheduled&limit=1';
    const [done] = await until(
      async () => {
        const { dag_runs: found } = await airflow.get(path, runs);
        return found.length > 0 && found;
      },
      { intervalMs: 1_000, timeoutMs: 180_000 },
    );
    const slot = Date.parse(done?.data_interval_end ?? '');
    expect(slot % 25_000).toBe(0);
    const messages = await committed(slot, 1);
    expect(messages).toMatchObject([{ appliance_id: '2_0_0_1', timestamp: slot, mean_power: 80, days: 1 }]);
    expect(await readStatus(historyStatusFile(airflow.directory), () => undefined)).toMatchObject({ last_messages: 1 });
  }, 900_000);

  test('never overlaps itself, catches up on nothing, tries again with growing pauses, and is explained', async () => {
    const dag = z.object({ catchup: z.boolean(), max_active_runs: z.int(), doc_md: z.string() });
    const details = await airflow.get('/api/v2/dags/igrid_history/details', dag);
    expect(details).toMatchObject({ catchup: false, max_active_runs: 1 });
    expect(details.doc_md).toContain('Running a slot twice changes nothing');
    const tasks = z.object({
      tasks: z.array(z.object({ retries: z.number(), retry_exponential_backoff: z.unknown() })),
    });
    const { tasks: found } = await airflow.get('/api/v2/dags/igrid_history/tasks', tasks);
    expect(found).toHaveLength(1);
    expect(found[0]?.retries).toBe(3);
    expect(Number(found[0]?.retry_exponential_backoff)).toBeGreaterThan(0);
  }, 60_000);

  test('refuses access without the password, which its owner alone can read', async () => {
    expect(await airflow.login(AIRFLOW_USER, 'admin')).toBe(401);
    expect((await fetch(`${airflow.url}/api/v2/dags`)).status).toBe(401);
    expect((await stat(airflowPasswordsFile(airflow.directory))).mode & 0o777).toBe(0o600);
    expect(await airflow.login(AIRFLOW_USER, await airflowPassword(airflow.directory))).toBe(201);
  }, 60_000);

  test('listens on the loopback address alone', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      await expect(fetch(`http://${address}:${airflow.port}/api/v2/monitor/health`)).rejects.toThrow();
    }
    expect((await fetch(`${airflow.url}/api/v2/monitor/health`)).ok).toBe(true);
  }, 60_000);
});
