/**
 * Run on the Druid host by ec2-userdata/druid/apply-specs.sh, out of the archive that a deployment sends it. Beside the
 * host's settings it takes KAFKA_BROKERS (host:port,...) from its environment. Exit status: 1 failure.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { z } from 'zod';

import { runProgram } from '../../command-line/run-program.ts';
import { DruidApi } from '../../druid/api.ts';
import { apply } from '../../druid/apply/apply.ts';
import { consumerProperties } from '../../druid/apply/consumer.ts';
import { DESIRED_FILE, desiredSchema } from '../../druid/apply/desired.ts';
import { loginSchema } from '../druid/secrets.ts';
import { druidHostSettings } from '../druid/settings.ts';
import { secretsManager } from '../secrets/secret-source.ts';
import { readSettings } from '../settings/read.ts';
import { text } from '../settings/shared.ts';

const environmentSchema = druidHostSettings
  .pick({ DRUID_URL: true, DRUID_LOGIN: true, ADMIN_SECRET: true, KAFKA_AUTH: true })
  .extend({ KAFKA_BROKERS: text });

async function main(environment: z.output<typeof environmentSchema>): Promise<void> {
  const { DRUID_URL, DRUID_LOGIN, ADMIN_SECRET, KAFKA_AUTH, KAFKA_BROKERS } = environment;
  const content = await readFile(join(import.meta.dirname, '..', '..', DESIRED_FILE), 'utf8');
  const desired = desiredSchema.parse(JSON.parse(content));
  const login =
    DRUID_LOGIN === 'basic' ? await secretsManager(new SecretsManagerClient({}))(ADMIN_SECRET, loginSchema) : undefined;
  const api = new DruidApi({
    url: DRUID_URL,
    ...(login && { login: { user: login.username, password: login.password } }),
  });
  await apply(api, desired, { consumer: consumerProperties(KAFKA_BROKERS, KAFKA_AUTH) });
  process.stdout.write(`${JSON.stringify({ event: 'applied', state: desired.state })}\n`);
}

await runProgram('apply-specs', () => readSettings(environmentSchema, process.env), main);
