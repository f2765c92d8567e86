import { describe, expect, test } from '@jest/globals';

import { SECRET_FILES, SECRET_FILES_OF } from '../../../../src/hosts/secrets/secret-files.ts';
import type { AskSecret } from '../../../../src/hosts/secrets/secret-source.ts';

const arn = (name: string): string => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`;

/** Secrets Manager with what it is given, by the names behind the ARNs. */
const keeper = (secrets: Readonly<Record<string, unknown>>): AskSecret => {
  return (secret, shape) => Promise.resolve(shape.parse(secrets[secret.split(':').at(-1) ?? '']));
};

const KEY = 'k'.repeat(64);
const SECRETS = {
  database: { username: 'airflow', password: 'p@ss/w:rd' },
  key: { key: KEY },
  login: { username: 'operator', password: 'letmein' },
  druid: { username: 'history', password: 'druid-password-1' },
};

const DATABASE = {
  DATABASE_HOST: 'db.example.internal',
  DATABASE_PORT: '5432',
  DATABASE_AUTHORITY: '/opt/ca.pem',
  DATABASE_SECRET_ARN: arn('database'),
  KEY_SECRET_ARN: arn('key'),
  LOGIN_SECRET_ARN: arn('login'),
};

describe("Airflow's secrets", () => {
  const environment = { ...DATABASE, DRUID_HISTORY_SECRET_ARN: arn('druid') };
  const variables = async (secrets = SECRETS): Promise<Map<string, string>> => {
    const files = await SECRET_FILES_OF.airflow(keeper(secrets), environment);
    const text = files[SECRET_FILES.airflowEnvironment] ?? '';
    return new Map([...text.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]));
  };

  test('reach the database with its name and certificate verified, both ways that Airflow connects', async () => {
    const found = await variables();
    expect(found.get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN')).toBe(
      'postgresql+psycopg2://airflow:p%40ss%2Fw%3Ard@db.example.internal:5432/airflow?sslmode=verify-full&sslrootcert=%2Fopt%2Fca.pem',
    );
    expect(found.get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC')).toBe(
      'postgresql+asyncpg://airflow:p%40ss%2Fw%3Ard@db.example.internal:5432/airflow?ssl=verify-full',
    );
  });

  test('are keys of the right length, different from each other and the same at every boot', async () => {
    const found = await variables();
    const fernet = found.get('AIRFLOW__CORE__FERNET_KEY') ?? '';
    expect(fernet).toMatch(/^[A-Za-z0-9_-]{43}=$/);
    expect(Buffer.from(found.get('AIRFLOW__API_AUTH__JWT_SECRET') ?? '', 'base64url')).toHaveLength(64);
    expect(Buffer.from(found.get('AIRFLOW__API__SECRET_KEY') ?? '', 'base64url')).toHaveLength(32);
    expect(new Set(found.values()).size).toBe(5);
    expect(await variables()).toEqual(found);
  });

  test('change with the key that they are derived of', async () => {
    const before = await variables();
    const after = await variables({ ...SECRETS, key: { key: 'j'.repeat(64) } });
    for (const name of ['AIRFLOW__CORE__FERNET_KEY', 'AIRFLOW__API_AUTH__JWT_SECRET', 'AIRFLOW__API__SECRET_KEY']) {
      expect(after.get(name)).not.toBe(before.get(name));
    }
  });

  test('name the operator with the password of the secret', async () => {
    const files = await SECRET_FILES_OF.airflow(keeper(SECRETS), environment);
    expect(JSON.parse(files[SECRET_FILES.airflowPasswords] ?? '')).toEqual({ operator: 'letmein' });
    expect(files[SECRET_FILES.druidPassword]).toBe('druid-password-1');
  });

  test('are not made when a setting is missing, which the error names', async () => {
    await expect(
      SECRET_FILES_OF.airflow(keeper(SECRETS), { ...environment, DATABASE_HOST: undefined }),
    ).rejects.toThrow(/DATABASE_HOST/);
  });
});

describe("Superset's secrets", () => {
  const environment = {
    ...DATABASE,
    DRUID_URL: 'https://druid.igrid.internal:9088',
    DRUID_AUTHORITY: '/etc/igrid/ca.pem',
    DRUID_SECRET_ARN: arn('druid'),
  };

  test('are the addresses of both databases, each with what verifies it, the key and the password', async () => {
    const secrets = { ...SECRETS, database: { username: 'superset', password: 'pw' } };
    expect(await SECRET_FILES_OF.superset(keeper(secrets), environment)).toEqual({
      'metadata-uri':
        'postgresql+psycopg2://superset:pw@db.example.internal:5432/superset?sslmode=verify-full&sslrootcert=%2Fopt%2Fca.pem',
      'druid-uri':
        'druid+https://history:druid-password-1@druid.igrid.internal:9088/druid/v2/sql/?ssl_verify_cert=%2Fetc%2Figrid%2Fca.pem',
      'secret-key': KEY,
      'admin-password': 'letmein',
    });
  });

  test('are not sent to a Druid without TLS', async () => {
    const open = { ...environment, DRUID_URL: 'http://druid.igrid.internal:8888' };
    await expect(SECRET_FILES_OF.superset(keeper(SECRETS), open)).rejects.toThrow(/DRUID_URL/);
  });
});
