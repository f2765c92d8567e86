/** The files that a host's services read their secrets from, by service: made of what Secrets Manager keeps. */
import { hkdfSync } from 'node:crypto';

import type { z } from 'zod';

import { AIRFLOW_SECRET_VARIABLES, AIRFLOW_USER } from '../../airflow/settings.ts';
import { environmentFile } from '../../core/templates/environment-file.ts';
import { airflowSettings } from '../settings/airflow.ts';
import { readSettings } from '../settings/read.ts';
import type { databaseSettings } from '../settings/shared.ts';
import { supersetSettings } from '../settings/superset.ts';
import { asyncPostgresAddress, postgresAddress, type PostgresPlace } from './postgres-address.ts';
import { type AskSecret, generatedKey, login } from './secret-source.ts';

/** Text by file name. */
export type SecretFiles = Readonly<Record<string, string>>;

/** Services of a host, by the names that `secrets.mjs` takes. */
export const SECRET_FILES_OF = { airflow: airflowFiles, canary: canaryFiles, superset: supersetFiles } as const;
export type SecretService = keyof typeof SECRET_FILES_OF;

/** File names that others refer to. */
export const SECRET_FILES = {
  /** Airflow's secrets as environment variables. */
  airflowEnvironment: 'environment',
  /** Airflow's operator, JSON of user to password: for ec2-userdata/airflow/login.py. */
  airflowPasswords: 'passwords.json',
  /** The password of the service's own user of Druid. */
  druidPassword: 'druid-password',
  /** SQLAlchemy's address of Superset's own database. */
  metadataUri: 'metadata-uri',
  /** SQLAlchemy's address of Druid. */
  druidUri: 'druid-uri',
  /** Signs Superset's sessions and encrypts what it stores. */
  secretKey: 'secret-key',
  /** Of Superset's administrator. */
  adminPassword: 'admin-password',
} as const;

const databasePlace = {
  DATABASE_HOST: true,
  DATABASE_PORT: true,
  DATABASE_AUTHORITY: true,
  DATABASE_SECRET_ARN: true,
} as const;

/** What a service's secrets are asked for by. */
const airflowPart = airflowSettings.pick({
  ...databasePlace,
  KEY_SECRET_ARN: true,
  LOGIN_SECRET_ARN: true,
  DRUID_HISTORY_SECRET_ARN: true,
});

async function airflowFiles(ask: AskSecret, environment: unknown): Promise<SecretFiles> {
  const settings = readSettings(airflowPart, environment);
  const place = placeOf(settings);
  const database = await ask(settings.DATABASE_SECRET_ARN, login);
  const { key } = await ask(settings.KEY_SECRET_ARN, generatedKey);
  const operator = await ask(settings.LOGIN_SECRET_ARN, login);
  const druid = await ask(settings.DRUID_HISTORY_SECRET_ARN, login);
  return {
    [SECRET_FILES.airflowEnvironment]: environmentFile({
      [AIRFLOW_SECRET_VARIABLES.database]: postgresAddress(place, database),
      [AIRFLOW_SECRET_VARIABLES.databaseAsync]: asyncPostgresAddress(place, database),
      // Fernet's base64 keeps its padding.
      [AIRFLOW_SECRET_VARIABLES.fernetKey]: derived(key, 'fernet key', 32)
        .toString('base64')
        .replaceAll('+', '-')
        .replaceAll('/', '_'),
      [AIRFLOW_SECRET_VARIABLES.apiSecret]: derived(key, 'api secret', 32).toString('base64url'),
      [AIRFLOW_SECRET_VARIABLES.jwtSecret]: derived(key, 'jwt secret', 64).toString('base64url'),
    }),
    [SECRET_FILES.airflowPasswords]: JSON.stringify({ [AIRFLOW_USER]: operator.password }),
    [SECRET_FILES.druidPassword]: druid.password,
  };
}

const canaryPart = airflowSettings.pick({ DRUID_CANARY_SECRET_ARN: true });

async function canaryFiles(ask: AskSecret, environment: unknown): Promise<SecretFiles> {
  const settings = readSettings(canaryPart, environment);
  const druid = await ask(settings.DRUID_CANARY_SECRET_ARN, login);
  return { [SECRET_FILES.druidPassword]: druid.password };
}

const supersetPart = supersetSettings.pick({
  ...databasePlace,
  KEY_SECRET_ARN: true,
  LOGIN_SECRET_ARN: true,
  DRUID_SECRET_ARN: true,
  DRUID_URL: true,
  DRUID_AUTHORITY: true,
});

async function supersetFiles(ask: AskSecret, environment: unknown): Promise<SecretFiles> {
  const settings = readSettings(supersetPart, environment);
  const { key } = await ask(settings.KEY_SECRET_ARN, generatedKey);
  const administrator = await ask(settings.LOGIN_SECRET_ARN, login);
  const druid = await ask(settings.DRUID_SECRET_ARN, login);
  const user = `${encodeURIComponent(druid.username)}:${encodeURIComponent(druid.password)}`;
  const trust = new URLSearchParams({ ssl_verify_cert: settings.DRUID_AUTHORITY });
  return {
    [SECRET_FILES.metadataUri]: postgresAddress(placeOf(settings), await ask(settings.DATABASE_SECRET_ARN, login)),
    [SECRET_FILES.druidUri]: `druid+https://${user}@${new URL(settings.DRUID_URL).host}/druid/v2/sql/?${trust.toString()}`,
    [SECRET_FILES.secretKey]: key,
    [SECRET_FILES.adminPassword]: administrator.password,
  };
}

function placeOf(settings: Omit<z.output<typeof databaseSettings>, 'DATABASE_ROTATION'>): PostgresPlace {
  return {
    host: settings.DATABASE_HOST,
    port: settings.DATABASE_PORT,
    authority: settings.DATABASE_AUTHORITY,
  };
}

/** Several keys of one: Secrets Manager generates one value to a secret. HKDF of RFC 5869, the purpose as its info. */
function derived(key: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `igrid airflow ${purpose}`, bytes));
}
