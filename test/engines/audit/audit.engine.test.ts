import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';

import { auditEvent } from '../../../engines/audit/events.ts';
import { TOPICS } from '../../../src/core/messages/topics.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { createTopic } from '../../src/replay/topic.ts';
import { startKafka, type TestKafka } from '../../support/kafka.ts';

const ROOT = repositoryPath();

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await startKafka();
}, 360_000);
afterAll(async () => {
  kafka.signal('SIGCONT');
  await kafka.stop();
}, 60_000);

test('the auditor ends when no broker answers any more, and says so: it has to be started again', async () => {
  await createTopic(kafka.brokers, TOPICS.powerraw, 1);
  const from = JSON.stringify({ [TOPICS.powerraw]: { 0: 0 } });
  const auditor = execa(
    process.execPath,
    [
      ...['--import', 'tsx', join(ROOT, 'engines/audit/audit.main.ts'), '--brokers', kafka.brokers],
      ...['--from', from, '--stream-from', '{"0":0}', '--live-from', '0', '--slide', '1000', '--watermark', '0'],
      ...['--silent-reports', '5'],
    ],
    { cwd: ROOT, reject: false, timeout: 120_000 },
  );
  let reports = 0;
  for await (const line of auditor) {
    auditEvent.parse(JSON.parse(line));
    reports += 1;
    // More reports than it may be silent for: a broker that answers keeps it going, although nothing is written.
    if (reports === 10) {
      kafka.signal('SIGSTOP');
    }
  }
  const { exitCode, stderr } = await auditor;
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: 'audit: no broker has answered for 5 s; it has to be started again',
  });
}, 180_000);
