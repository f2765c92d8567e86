/** The issuing function against a Secrets Manager and a bucket that remember. */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import { handler } from '../../../../lambda/foundation/certificate-authority/handler.ts';

// RSA keys: seconds each on a machine that does something else, too.
jest.setTimeout(120_000);

const properties = (Generation: string) => ({
  Name: 'igrid',
  AuthoritySecret: 'authority',
  Hosts: JSON.stringify([
    { secret: 'druid', dnsNames: ['druid.igrid.internal'] },
    { secret: 'emr', dnsNames: ['*.ec2.internal'] },
  ]),
  EmrSecret: 'emr',
  Bucket: 'bucket',
  EmrKey: 'emr/certificates.zip',
  Generation,
});

const event = (RequestType: string, generation = '1', old = '1') => ({
  RequestType,
  ...(RequestType === 'Create' ? {} : { PhysicalResourceId: 'igrid-certificate-authority' }),
  ResourceProperties: properties(generation),
  OldResourceProperties: properties(old),
});

describe('the issuing function', () => {
  let secrets: AwsClientStub<SecretsManagerClient>;
  let s3: AwsClientStub<S3Client>;
  let held: Map<string, string>;
  beforeEach(() => {
    // As CloudFormation makes them: with random text.
    held = new Map(['authority', 'druid', 'emr'].map((name) => [name, 'k3J!random']));
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
    s3 = mockClient(S3Client);
    s3.on(PutObjectCommand).resolves({});
    s3.on(DeleteObjectCommand).resolves({});
  });
  afterEach(() => {
    secrets.restore();
    s3.restore();
  });
  const written = () => secrets.commandCalls(PutSecretValueCommand).map(({ args }) => args[0].input.SecretId);

  test("makes the authority and all certificates, and EMR's archive", async () => {
    const { PhysicalResourceId, Data } = await handler(event('Create'));
    expect(PhysicalResourceId).toBe('igrid-certificate-authority');
    expect(written()).toEqual(['authority', 'druid', 'emr']);
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'bucket',
      Key: 'emr/certificates.zip',
    });
    expect(Data?.Certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  test('answers with nothing that is secret', async () => {
    expect(JSON.stringify(await handler(event('Create')))).not.toContain('PRIVATE KEY');
  });

  test('changes nothing that is fit, when it is asked again', async () => {
    const first = await handler(event('Create'));
    const before = new Map(held);
    const second = await handler(event('Update'));
    expect(held).toEqual(before);
    expect(second).toEqual(first);
  });

  test('issues everything again for another generation', async () => {
    await handler(event('Create'));
    const before = new Map(held);
    await handler(event('Update', '2', '1'));
    for (const [name, value] of held) {
      expect(value).not.toBe(before.get(name));
    }
  });

  test('takes its object out of the bucket before the bucket goes', async () => {
    await handler(event('Delete'));
    expect(s3.commandCalls(DeleteObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'bucket',
      Key: 'emr/certificates.zip',
    });
    expect(written()).toEqual([]);
  });

  test('fails when it may not read a secret, and writes none', async () => {
    secrets.on(GetSecretValueCommand).rejects(Object.assign(new Error('denied'), { name: 'AccessDeniedException' }));
    await expect(handler(event('Update'))).rejects.toThrow('denied');
    expect(written()).toEqual([]);
  });
});
