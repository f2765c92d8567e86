import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import { consumerProperties } from '../../../../src/druid/apply/consumer.ts';
import { renderDruid } from '../../../../src/druid/configuration.ts';
import { DRUID_SERVICES } from '../../../../src/druid/settings.ts';
import { druidSettings } from '../../../../src/hosts/druid/druid-settings.ts';
import { HOST_PLACES } from '../../../../src/hosts/druid/places.ts';
import { loginSchema } from '../../../../src/hosts/druid/secrets.ts';
import { parseHostSettings } from '../../../../src/hosts/druid/settings.ts';
import { hostSizes } from '../../../../src/hosts/druid/sizes.ts';
import { secretsManager } from '../../../../src/hosts/secrets/secret-source.ts';

/** As the stack tells an i3.2xlarge. */
const SETTINGS = {
  ...{ AWS_REGION: 'eu-central-1', HOST_NAME: 'igrid-druid', LOG_GROUP: 'log' },
  ...{ DRUID_URL: 'https://druid.igrid.internal:9088', ROUTER_PORT: '9088', PRIVATE_ADDRESS: '10.40.1.5' },
  ...{ NETWORK_INTERFACE_ID: 'eni-1', SUBNET_CIDR: '10.40.0.0/19', CERTIFICATE_SECRET: 'arn:c' },
  ...{ DRUID_METADATA: 'postgresql', METADATA_HOST: 'db.eu', METADATA_PORT: '5432', METADATA_SECRET: 'arn:m' },
  ...{ DRUID_STORAGE: 's3', SEGMENTS_BUCKET: 'segments-1', DRUID_LOGIN: 'basic', ADMIN_SECRET: 'arn:a' },
  ...{ INTERNAL_SECRET: 'arn:i', SUPERSET_SECRET: 'arn:d', HISTORY_SECRET: 'arn:h', CANARY_SECRET: 'arn:k' },
  ...{ REPORT_SECRET: 'arn:r', DRUID_MEMORY_MB: '' },
};

const size = hostSizes({ memoryMb: 60_000, cpus: 8, diskGb: 1_900 });
const rendered = (settings: Record<string, string>) =>
  renderDruid(druidSettings(parseHostSettings(settings), size, HOST_PLACES, 'druid'));

describe('the settings of the Druid host', () => {
  test('become a Druid with a login, its metadata in PostgreSQL and its segments in S3', async () => {
    const files = await rendered(SETTINGS);
    for (const service of DRUID_SERVICES) {
      const { runtimeProperties } = files[service];
      expect(runtimeProperties).toContain('connectURI=jdbc:postgresql://db.eu:5432/druid');
      expect(runtimeProperties).toContain('druid.metadata.postgres.ssl.sslMode=verify-full');
      expect(runtimeProperties).toContain('druid.storage.bucket=segments-1');
      expect(runtimeProperties).toContain('druid.escalator.type=basic');
      expect(runtimeProperties).toContain('druid.extensions.directory=/opt/igrid-druid/current/extensions');
      expect(runtimeProperties).toContain(
        'druid.extensions.loadList=["druid-kafka-indexing-service","druid-avro-extensions","druid-s3-extensions",' +
          '"postgresql-metadata-storage","druid-basic-security"]',
      );
    }
    expect(files.router.runtimeProperties).toContain('druid.host=10.40.1.5');
    expect(files.broker.runtimeProperties).toContain('druid.host=127.0.0.1');
    expect(files.historical.runtimeProperties).toContain('"/mnt/cache/druid/segment-cache","maxSize":"1330g"');
  });

  test('of a rehearsal ask for no extension that only the official distribution has', async () => {
    const rehearsal = { ...SETTINGS, DRUID_METADATA: 'derby', DRUID_STORAGE: 'local', DRUID_LOGIN: 'none' };
    const { broker } = await rendered(rehearsal);
    expect(broker.runtimeProperties).toContain(
      'druid.extensions.loadList=["druid-kafka-indexing-service","druid-avro-extensions"]',
    );
    expect(broker.runtimeProperties).not.toMatch(/postgres|druid\.auth|s3/i);
    // What only a rehearsal keeps is not on the disk that is a cache.
    expect(broker.runtimeProperties).toContain('/var/lib/igrid-druid/metadata');
    expect(broker.runtimeProperties).toContain('druid.storage.storageDirectory=/var/lib/igrid-druid/segments');
  });

  test('are refused by name when one is missing or wrong', () => {
    expect(() => parseHostSettings({ ...SETTINGS, PRIVATE_ADDRESS: 'druid' })).toThrow('PRIVATE_ADDRESS');
    const { SEGMENTS_BUCKET, ...without } = SETTINGS;
    expect(SEGMENTS_BUCKET).toBe('segments-1');
    expect(() => parseHostSettings(without)).toThrow('SEGMENTS_BUCKET');
    expect(parseHostSettings({ ...SETTINGS, DRUID_MEMORY_MB: '4096' }).DRUID_MEMORY_MB).toBe(4_096);
    expect(parseHostSettings(SETTINGS).DRUID_MEMORY_MB).toBeUndefined();
  });
});

describe('a secret', () => {
  const secrets = mockClient(SecretsManagerClient);
  const read = () => secretsManager(new SecretsManagerClient({}))('arn:a', loginSchema);

  test('that is not as expected is named, and what it holds is not', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: 'hunter2hunter2' });
    await expect(read()).rejects.toThrow(/^arn:a is not as expected: see the secret itself$/);
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"username":"x","password":"has \\"quotes\\""}' });
    await expect(read()).rejects.toThrow(/^arn:a is not as expected: see password$/);
  });

  test('is read as it is', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"username":"x","password":"0123456789"}' });
    await expect(read()).resolves.toEqual({ username: 'x', password: '0123456789' });
  });
});

describe("the properties of Druid's Kafka consumers", () => {
  test('are the same whatever order MSK names its brokers in', () => {
    expect(consumerProperties('b-2:9098,b-1:9098', 'iam')).toEqual(consumerProperties('b-1:9098,b-2:9098', 'iam'));
  });

  test('are IAM over TLS, or nothing but the brokers', () => {
    expect(consumerProperties('b-1:9098', 'iam')).toMatchObject({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'AWS_MSK_IAM',
    });
    expect(consumerProperties('b-1:9092', 'none')).toEqual({ 'bootstrap.servers': 'b-1:9092' });
  });
});
