/** The replay against brokers as MSK's: TLS, tokens of IAM, and sessions that end while readings are under way. */
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';

import { repositoryPath } from '../../../src/files/repository.ts';
import { parseReplayEvent } from '../../../src/replay/events.ts';
import { type MskLikeKafka, startMskLikeKafka } from '../../support/msk-iam/msk-like-kafka.ts';
import { createTopic, readTopic } from '../replay/topic.ts';

const ROOT = repositoryPath();
/** kafkajs renews a session 10 s before its end: here whenever it is more than 2 s old. */
const SESSION_MS = 12_000;
const LIVE_S = 20;
const SINKS = ['direct', 'kafkajs'] as const;

let kafka: MskLikeKafka;
beforeAll(async () => {
  kafka = await startMskLikeKafka(SESSION_MS);
}, 360_000);
afterAll(async () => {
  await kafka.stop();
}, 60_000);

function replay(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const program = join(ROOT, 'src', 'replay', 'replay.main.ts');
  return execa(
    process.execPath,
    ['--import', 'tsx', program, '--brokers', kafka.brokers, '--auth', 'iam', '--region', 'eu-central-1', ...args],
    {
      env: {
        NODE_EXTRA_CA_CERTS: kafka.authority,
        AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'of-nobody',
        ...environment,
      },
      reject: false,
    },
  );
}

test.each(SINKS)(
  'every reading is in Kafka once while the session of the %s sink is renewed under load',
  async (sink) => {
    await createTopic(kafka.straight, sink, 6);
    const before = await kafka.acceptedTokens();
    const { exitCode, stdout, stderr } = await replay([
      ...['--topic', sink, '--sink', sink, '--to', '40', '--speed', '24', '--for', `${LIVE_S}s`, '--log', 'json'],
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const stopped = stdout
      .split('\n')
      .map((line) => parseReplayEvent(line))
      .find((event) => event.event === 'stopped');
    expect(stopped).toMatchObject({ acknowledged: stopped?.sent, failed: 0 });
    expect(stopped?.sent).toBeGreaterThan(50_000);
    const records = await readTopic(kafka.straight, sink);
    expect(records).toHaveLength(stopped?.sent ?? 0);
    expect(new Set(records.map(({ appliance_id, timestamp }) => `${appliance_id} ${timestamp}`)).size).toBe(
      records.length,
    );
    // A session lasts a tenth of the run or so; the connections that a run starts with are no more than five.
    expect((await kafka.acceptedTokens()) - before).toBeGreaterThan(10);
  },
  120_000,
);

test('a broker whose certificate is not signed by a known authority is refused', async () => {
  const { exitCode, stderr } = await replay(['--topic', 'direct', '--connect-timeout', '2s'], {
    NODE_EXTRA_CA_CERTS: '',
  });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('self-signed certificate');
}, 60_000);
