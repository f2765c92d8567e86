import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import { login, SecretError, secretsManager } from '../../../../src/hosts/secrets/secret-source.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:x';

describe('Secrets Manager', () => {
  const service = mockClient(SecretsManagerClient);
  const ask = secretsManager(new SecretsManagerClient({ region: 'eu-central-1' }));
  afterEach(() => {
    service.reset();
  });

  test('gives a secret of the expected shape', async () => {
    service.on(GetSecretValueCommand, { SecretId: ARN }).resolves({ SecretString: '{"username":"a","password":"b"}' });
    expect(await ask(ARN, login)).toEqual({ username: 'a', password: 'b' });
  });

  test.each([['no JSON: hunter2'], ['{"username":"a","pass":"hunter2"}'], [undefined]])(
    'refuses %j without repeating it',
    async (SecretString) => {
      service.on(GetSecretValueCommand).resolves(SecretString === undefined ? {} : { SecretString });
      const error: unknown = await ask(ARN, login).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SecretError);
      expect(String(error)).toContain(ARN);
      expect(String(error)).not.toContain('hunter2');
    },
  );

  test('says which secret may not be read, and why', async () => {
    service.on(GetSecretValueCommand).rejects(new Error('not authorized to perform secretsmanager:GetSecretValue'));
    await expect(ask(ARN, login)).rejects.toThrow(/secret:x can't be read: not authorized/);
  });
});
