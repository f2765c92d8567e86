/** Readings from the producer to the page. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { EMRClient, ListClustersCommand, ListStepsCommand, type StepSummary } from '@aws-sdk/client-emr';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';

import { loadConfig } from '../../lib/config/load.ts';
import { LOOPBACK_PORTS } from '../../lib/network/ports.ts';
import { type Topic, TOPICS } from '../../src/core/messages/topics.ts';
import { describe, druidNumber, reconcile } from '../audit.ts';
import { type Check, CheckError } from '../check.ts';
import { CLIENT } from '../cloud.ts';
import { eventually } from '../eventually.ts';
import { onHost } from '../hosts.ts';
import { flowing, messages, topicMismatches, topicStates } from '../topics.ts';
import { ownStacks } from './deployment.ts';

/** The first slot comes half a minute after Airflow's start, and takes a while on a busy machine. */
const SLOT_PATIENCE_MS = 180_000;

/** A day of grid time at the quickest speed is twelve minutes. */
const HISTORY_PATIENCE_MS = 900_000;

const SLOTS = 'tail --lines=1 /var/log/igrid-airflow/history.log 2>/dev/null || true';

const PAGE_PATIENCE_MS = 120_000;

const PAGE_SCRIPT = join(import.meta.dirname, '..', 'inside', 'superset-page.mjs');

const pageAnswer = z.object({ page: z.number(), charts: z.number(), rows: z.record(z.string(), z.number()) });

export const readings: Check = {
  name: 'readings',
  expectation: 'readings of the replay host arrive in Kafka and in Druid',
  after: ['deploy'],
  run: () => arriving(TOPICS.powerraw, 'SELECT SUM("count") AS n FROM powerraw', 'readings'),
};

export const topics: Check = {
  name: 'topics',
  expectation: 'the broker has the topics with the partitions and settings of the configuration',
  after: ['deploy'],
  run: async (environment) => {
    const found = await topicStates();
    const wrong = topicMismatches(loadConfig({ file: environment.configFile }).kafka.topics, found);
    if (wrong.length > 0) {
      throw new CheckError(wrong.join('; '));
    }
    return Object.entries(found)
      .map(
        ([name, { partitions, settings }]) =>
          `${name}: ${partitions} partitions, ${Object.values(settings).join(', ')}`,
      )
      .join('; ');
  },
};

export const dutyCycles: Check = {
  name: 'duty-cycles',
  expectation: 'the step that the Lambda submitted runs, and its windows arrive in Kafka and in Druid',
  after: ['readings'],
  run: async () => {
    await runningStep();
    return arriving(TOPICS.dutycycle, 'SELECT COUNT(*) AS n FROM dutycycle', 'duty cycles');
  },
};

export const slots: Check = {
  name: 'slots',
  expectation: 'Airflow runs a slot of history, which asks Druid and Kafka',
  after: ['readings'],
  run: async () => {
    let said = '';
    await eventually(
      async () => {
        said = (await onHost('airflow', SLOTS)).trim();
        return said.includes('"event":"slot"');
      },
      { timeoutMs: SLOT_PATIENCE_MS },
      () => `no slot after ${SLOT_PATIENCE_MS / 60_000} min; history.log ends with: ${said}`,
    );
    return said;
  },
};

export const history: Check = {
  name: 'history',
  expectation: 'a day of grid time after the first readings, slots hold messages, which Druid has',
  after: ['slots'],
  run: async () => {
    const queried = await eventually(
      async () => {
        const rows = await druidNumber('SELECT COUNT(*) AS n FROM history');
        return rows > 0 && rows;
      },
      { timeoutMs: HISTORY_PATIENCE_MS },
      () => `no messages after ${HISTORY_PATIENCE_MS / 60_000} min: see history.log of the airflow host`,
    );
    return `${await messages(TOPICS.history)} offsets in Kafka, ${queried} rows in Druid`;
  },
};

export const page: Check = {
  name: 'page',
  expectation: 'the dashboard takes the printed login and each of its data sets answers from Druid',
  after: ['duty-cycles'],
  run: async () => {
    const script = await readFile(PAGE_SCRIPT, 'utf8');
    const password = await supersetPassword();
    let wrong = '';
    // What is newest has to be some seconds old at most: on a busy computer a batch may take longer now and then.
    const answer = await eventually(
      async () => {
        const said = await onHost(
          'superset',
          [
            'set -eu',
            `export PASSWORD='${password}' ADDRESS=http://127.0.0.1:${LOOPBACK_PORTS.superset}`,
            "/opt/igrid/runtime/bin/node --input-type=module - <<'PROGRAM'",
            script,
            'PROGRAM',
          ].join('\n'),
        );
        const seen = pageAnswer.parse(JSON.parse(said));
        const empty = Object.entries(seen.rows).flatMap(([name, rows]) => (rows > 0 ? [] : [name]));
        wrong = `answers ${seen.page}, has ${seen.charts} charts, and nothing from ${empty.join(', ') || 'no data set'}`;
        return seen.page === 200 && seen.charts > 0 && empty.length === 0 && seen;
      },
      { timeoutMs: PAGE_PATIENCE_MS },
      () => `the page ${wrong}`,
    );
    return `${answer.charts} charts, rows: ${Object.entries(answer.rows)
      .map((entry) => entry.join(' '))
      .join(', ')}`;
  },
};

export const reconciled: Check = {
  name: 'reconciled',
  expectation: 'readings, windows and history agree from the replay through Kafka to Druid, none lost and none doubled',
  after: ['duty-cycles', 'slots'],
  run: async (environment) => describe(await reconcile(environment, true)),
};

/** @throws CheckError when nothing new comes to a topic, or Druid counts none of `what`. */
async function arriving(topic: Topic, count: string, what: string): Promise<string> {
  const kafka = await flowing(topic);
  const queried = await druidNumber(count);
  if (queried <= 0) {
    throw new CheckError(`Druid has no ${what}`);
  }
  return `${kafka}; ${queried} in Druid`;
}

/** The one step that runs. @throws CheckError when there is none, or another one. */
export async function runningStep(): Promise<StepSummary> {
  const steps = await allSteps();
  const [step, another] = steps.filter(({ Status }) => Status?.State === 'RUNNING');
  if (step === undefined || another !== undefined) {
    const states = steps.map(({ Status }) => Status?.State).join(', ');
    throw new CheckError(`one step should run: ${states || 'there is none'}`);
  }
  return step;
}

/** Steps of all clusters that live, newest first. */
export async function allSteps(): Promise<StepSummary[]> {
  const emr = new EMRClient(CLIENT);
  try {
    const { Clusters = [] } = await emr.send(new ListClustersCommand({ ClusterStates: ['WAITING', 'RUNNING'] }));
    const steps = await Promise.all(
      Clusters.map(async ({ Id }) => (await emr.send(new ListStepsCommand({ ClusterId: Id }))).Steps ?? []),
    );
    return steps.flat();
  } finally {
    emr.destroy();
  }
}

/** Read from the secret that the superset stack prints. */
async function supersetPassword(): Promise<string> {
  const command = (await ownStacks())
    .flatMap(({ Outputs = [] }) => Outputs)
    .find(({ OutputKey }) => OutputKey === 'SupersetPassword')?.OutputValue;
  const [, id] = /--secret-id (\S+)/.exec(command ?? '') ?? [];
  if (id === undefined) {
    throw new CheckError('the superset stack prints no password');
  }
  const secrets = new SecretsManagerClient(CLIENT);
  try {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
    return z.object({ password: z.string() }).parse(JSON.parse(SecretString ?? 'null')).password;
  } finally {
    secrets.destroy();
  }
}
