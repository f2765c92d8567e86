/**
 * Run on the Druid host by ec2-userdata/druid/apply-specs.sh, out of the archive that a deployment sends it. Beside the
 * host's settings it takes KAFKA_BROKERS (host:port,...) from its environment. Exit status: 1 failure.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';

import { runProgram } from '../../command-line/run-program.ts';
import { DruidApi } from '../../druid/api.ts';
import { apply } from '../../druid/apply/apply.ts';
import { consumerProperties } from '../../druid/apply/consumer.ts';
import { DESIRED_FILE, desiredSchema } from '../../druid/apply/desired.ts';
import { loginSchema, readSecret } from '../druid/secrets.ts';

const environmentSchema = z.object({
  DRUID_URL: z.url(),
  DRUID_LOGIN: z.enum(['basic', 'none']),
  ADMIN_SECRET: z.string().min(1),
  KAFKA_AUTH: z.enum(['iam', 'none']),
  KAFKA_BROKERS: z.string().min(1),
});

async function main(environment: z.output<typeof environmentSchema>): Promise<void> {
  const { DRUID_URL, DRUID_LOGIN, ADMIN_SECRET, KAFKA_AUTH, KAFKA_BROKERS } = environment;
  const text = await readFile(join(import.meta.dirname, '..', '..', DESIRED_FILE), 'utf8');
  const desired = desiredSchema.parse(JSON.parse(text));
  const login =
    DRUID_LOGIN === 'basic' ? await readSecret(new SecretsManagerClient({}), ADMIN_SECRET, loginSchema) : undefined;
  const api = new DruidApi({
    url: DRUID_URL,
    ...(login && { login: { user: login.username, password: login.password } }),
  });
  await apply(api, desired, { consumer: consumerProperties(KAFKA_BROKERS, KAFKA_AUTH) });
  process.stdout.write(`${JSON.stringify({ event: 'applied', state: desired.state })}\n`);
}

await runProgram('apply-specs', () => environmentSchema.parse(process.env), main);
