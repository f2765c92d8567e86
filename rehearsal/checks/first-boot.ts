/** First boots that meet an outage, or fail for good. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';

import { TOPICS } from '../../src/core/messages/topics.ts';
import { describe, reconcile } from '../audit.ts';
import { type Check, CheckError } from '../check.ts';
import { CLIENT, s3 } from '../cloud.ts';
import type { Environment } from '../environment.ts';
import { eventually } from '../eventually.ts';
import { instanceIds, instanceOf, onHost, terminate } from '../hosts.ts';
import { flowing } from '../topics.ts';
import { allActive, comesBack } from './day-two.ts';

const MINUTE_MS = 60_000;
const AWAY_MS = 3 * MINUTE_MS;

/** How long a group may take to start another instance, ms. */
const START_MS = 3 * MINUTE_MS;

/** How long two first boots may take until they fail, ms. */
const FAILURES_MS = 15 * MINUTE_MS;

/** The host that is lost: it needs least, and its readings come from the clock. */
const HOST = 'replay';

const SHUT_DOWN = 'this host is shut down and will be replaced: the first boot failed';

export const mirrorAway: Check = {
  name: 'mirror-away',
  expectation: `a host that is replaced while Debian's mirror is away for ${AWAY_MS / MINUTE_MS} minutes waits for it and comes up`,
  after: ['reconciled'],
  run: async (environment, signal) => {
    const replacement = await environment.withoutMirror(async () => {
      const started = await nextInstance(await terminate(HOST));
      await wait(AWAY_MS, undefined, { signal });
      return started;
    });
    await comesBack(HOST, () => allActive(HOST));
    const now = await instanceOf(HOST);
    if (now !== replacement) {
      throw new CheckError(`${replacement} did not wait for the mirror: ${now} has replaced it`);
    }
    const retries = await onHost(HOST, "grep -c '^retry: .* tried again in' /var/log/igrid-user-data.log || true");
    if (Number(retries) === 0) {
      throw new CheckError('the first boot did not notice that the mirror was away');
    }
    await flowing(TOPICS.powerraw);
    return `${retries.trim()} retries; ${describe(await reconcile(environment, false))}`;
  },
};

export const firstBootFails: Check = {
  name: 'first-boot-fails',
  expectation:
    'a first boot that fails for good shuts its host down and the group replaces it; each is counted by the metric of ' +
    'the alarm, and the host comes up once the reason is gone',
  after: ['reconciled'],
  run: async (environment) => {
    const before = await replacements();
    const earlier = await failedHosts(environment);
    const restore = await breakArchive();
    let failed: string[];
    try {
      const gone = await terminate(HOST);
      failed = await eventually(
        async () => {
          const found = (await failedHosts(environment)).filter((id) => id !== gone && !earlier.includes(id));
          return found.length >= 2 && found;
        },
        { timeoutMs: FAILURES_MS },
        () => 'two first boots in a row did not fail and end their hosts: see the logs of the machines',
      );
    } finally {
      await restore();
    }
    await comesBack(HOST, () => allActive(HOST));
    const left = (await statesOf(failed)).filter((state) => state !== 'terminated');
    if (left.length > 0) {
      throw new CheckError(`hosts whose first boot failed are ${left.join(', ')}, not terminated`);
    }
    for (const id of failed) {
      const console = await readFile(join(environment.logs, id, 'console.log'), 'utf8');
      if (!console.includes(SHUT_DOWN)) {
        throw new CheckError(`the console of ${id} does not say why it was shut down`);
      }
    }
    // The host that was terminated, and those that ended themselves.
    const expected = 1 + failed.length;
    const counted = await eventually(
      async () => {
        const count = (await replacements()) - before;
        return count >= expected && count;
      },
      { timeoutMs: MINUTE_MS },
      () => `the metric of the alarm on replacements counts fewer than ${expected}`,
    );
    await flowing(TOPICS.powerraw);
    return `${failed.length} hosts shut down and were replaced; the alarm's metric counts ${counted}`;
  },
};

/** The instance that a group has started in place of another one. */
function nextInstance(gone: string): Promise<string> {
  return eventually(
    async () => (await instanceIds(HOST)).find((id) => id !== gone) ?? false,
    { timeoutMs: START_MS, everyMs: 1_000 },
    () => `nothing replaces ${gone}`,
  );
}

/** Instances whose first boot has failed, by what they have left. */
async function failedHosts({ logs }: Pick<Environment, 'logs'>): Promise<string[]> {
  const found: string[] = [];
  for (const id of (await readdir(logs)).filter((name) => name.startsWith('i-'))) {
    const log = await readFile(join(logs, id, 'igrid-user-data.log'), 'utf8').catch(() => '');
    if (log.includes(SHUT_DOWN)) {
      found.push(id);
    }
  }
  return found;
}

/** States of those that EC2 still knows: an instance is forgotten some time after it was terminated. */
async function statesOf(instances: readonly string[]): Promise<(string | undefined)[]> {
  const ec2 = new EC2Client(CLIENT);
  const { Reservations = [] } = await ec2
    .send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [...instances] }] }))
    .finally(() => ec2.destroy());
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ State }) => State?.Name);
}

/**
 * Puts something else in the place of the host's archive, which no retry helps against.
 *
 * @returns what puts it back.
 */
async function breakArchive(): Promise<() => Promise<void>> {
  const userData = await onHost(HOST, 'cat /var/lib/cloud/instance/user-data.txt');
  const [, Bucket, Key] =
    /^fetch 's3:\/\/([^/']+)\/([^']+)' '[0-9a-f]{64}' \/opt\/igrid\/current$/m.exec(userData) ?? [];
  if (Bucket === undefined || Key === undefined) {
    throw new CheckError("the host's user data does not say where its archive is");
  }
  const client = s3();
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  const archive = await Body?.transformToByteArray();
  if (archive === undefined) {
    throw new CheckError(`s3://${Bucket}/${Key} is empty`);
  }
  await client.send(new PutObjectCommand({ Bucket, Key, Body: 'not the archive' }));
  return async () => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: archive }));
    client.destroy();
  };
}

/** What the alarm on repeated replacements of the host has counted since the deployment. */
async function replacements(): Promise<number> {
  const client = new CloudWatchClient(CLIENT);
  try {
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({}));
    const alarm = MetricAlarms.find(({ AlarmName = '' }) => AlarmName.endsWith(`-${HOST}-0-replaced`));
    if (alarm === undefined) {
      throw new CheckError(`no alarm watches how often ${HOST}-0 is replaced`);
    }
    const { Namespace, MetricName, Dimensions } = alarm;
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace, MetricName, Dimensions },
        ...{ StartTime: new Date(Date.now() - 24 * 60 * MINUTE_MS), EndTime: new Date(Date.now() + MINUTE_MS) },
        ...{ Period: 300, Statistics: ['Sum'] },
      }),
    );
    return Datapoints.reduce((sum, point) => sum + (point.Sum ?? 0), 0);
  } finally {
    client.destroy();
  }
}
