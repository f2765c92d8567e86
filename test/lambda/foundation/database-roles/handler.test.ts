/** The function that makes roles, against a Secrets Manager that remembers and a PostgreSQL that lists statements. */
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';
import { z } from 'zod';

const statements: string[] = [];
/** Whether the server is away. */
let isDown = false;

class Client {
  connect = (): Promise<void> => (isDown ? Promise.reject(new Error('connection refused')) : Promise.resolve());
  end = (): Promise<void> => Promise.resolve();
  query = (text: string): Promise<{ rowCount: number }> => {
    statements.push(text);
    return Promise.resolve({ rowCount: 1 });
  };
}

const { escapeIdentifier, escapeLiteral } = await import('pg');
jest.unstable_mockModule('pg', () => ({ Client, escapeIdentifier, escapeLiteral }));
const { handler } = await import('../../../../lambda/foundation/database-roles/handler.ts');

const TENANTS = ['druid', 'airflow'];
const FIRST = 'a-password-of-the-first-generation';

const event = (RequestType: string, generation: string, old: string) => {
  const properties = { MasterSecret: 'master', TenantSecrets: TENANTS };
  return {
    RequestType,
    ResourceProperties: { ...properties, Generation: generation },
    OldResourceProperties: { ...properties, Generation: old },
  };
};

let secrets: AwsClientStub<SecretsManagerClient>;
let held: Map<string, string>;
beforeEach(() => {
  statements.length = 0;
  isDown = false;
  held = new Map([
    ['master', JSON.stringify({ host: 'db.example', port: 5432, username: 'master', password: 'm' })],
    ...TENANTS.map((name) => [name, JSON.stringify({ username: name, password: FIRST })] as const),
  ]);
  secrets = mockClient(SecretsManagerClient);
  secrets
    .on(GetSecretValueCommand)
    .callsFake(({ SecretId }: { SecretId: string }) => ({ SecretString: held.get(SecretId) }));
  secrets
    .on(PutSecretValueCommand)
    .callsFake(({ SecretId, SecretString }: { SecretId: string; SecretString: string }) => {
      held.set(SecretId, SecretString);
      return {};
    });
});
afterEach(() => {
  secrets.restore();
});

const passwordOf = (tenant: string): string =>
  z.object({ username: z.literal(tenant), password: z.string() }).parse(JSON.parse(held.get(tenant) ?? '')).password;

describe("the passwords of the database's tenants", () => {
  test.each([
    ['Create', '1', '1'],
    ['Update', '2', '2'],
  ])('stay what their secrets hold at %s without another generation', async (type, generation, old) => {
    await handler(event(type, generation, old));
    expect(TENANTS.map(passwordOf)).toEqual([FIRST, FIRST]);
    expect(statements.filter((text) => text.startsWith('ALTER ROLE'))).toHaveLength(2);
  });

  test('are new ones, each its own, for another generation: in the secret and in the database', async () => {
    await handler(event('Update', '2', '1'));
    const renewed = TENANTS.map(passwordOf);
    expect(new Set([...renewed, FIRST]).size).toBe(3);
    for (const password of renewed) {
      expect(password).toMatch(/^[A-Za-z0-9]{40}$/);
      expect(statements.join('\n')).not.toContain(password);
    }
    expect(statements.filter((text) => text.startsWith('ALTER ROLE'))).toHaveLength(2);
  });

  test('stay as they are while the database is away: a rotation that fails changes nothing', async () => {
    isDown = true;
    await expect(handler(event('Update', '2', '1'))).rejects.toThrow('connection refused');
    expect(TENANTS.map(passwordOf)).toEqual([FIRST, FIRST]);
  });

  test('are left alone when the resource is deleted', async () => {
    await handler(event('Delete', '2', '1'));
    expect(secrets.commandCalls(PutSecretValueCommand)).toHaveLength(0);
    expect(statements).toEqual([]);
  });
});
