import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { localSettings } from '../../../engines/processes/druid.ts';
import { renderDruid, renderZookeeper } from '../../../src/druid/configuration.ts';
import { DRUID_SERVICES, type DruidSettings, S3_PREFIXES, SECRET_VARIABLES } from '../../../src/druid/settings.ts';

const ports = {
  ...{ zookeeper: 1001, metadata: 1002, 'coordinator-overlord': 1003 },
  ...{ broker: 1004, historical: 1005, indexer: 1006, router: 1007 },
};
const local = localSettings({ java: 'java', jars: '/jars', avroExtension: '/avro.jar', directory: '/state', ports });
const aws: DruidSettings = {
  ...local,
  metadata: {
    kind: 'postgresql',
    ...{ host: 'db.internal', port: 5432, database: 'druid', user: 'druid', certificateAuthority: '/rds.pem' },
  },
  storage: { kind: 's3', bucket: 'segments', prefixes: S3_PREFIXES },
  extensions: '/opt/druid/extensions',
  login: 'basic',
  routerTls: { host: '10.0.0.5', keyStore: '/router.p12', certificateAlias: 'router' },
};

/** The properties that a process ends up with: a later line wins. */
function parse(properties: string): Map<string, string> {
  const lines = properties.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

describe('the configuration of Druid', () => {
  test('no process of one machine has a property set twice', async () => {
    for (const { runtimeProperties } of Object.values(await renderDruid(local))) {
      const names = runtimeProperties.split('\n').filter((line) => line.startsWith('druid.'));
      expect(parse(runtimeProperties).size).toBe(names.length);
    }
  });

  test('on one machine everything listens on the loopback address alone', async () => {
    const files = await renderDruid(local);
    for (const service of DRUID_SERVICES) {
      const properties = parse(files[service].runtimeProperties);
      expect(properties.get('druid.host')).toBe('127.0.0.1');
      expect(properties.get('druid.bindOnHost')).toBe('true');
      expect(properties.get('druid.plaintextPort')).toBe(String(ports[service]));
      expect(properties.get('druid.metadata.storage.connector.host')).toBe('127.0.0.1');
    }
    expect(await renderZookeeper({ host: '127.0.0.1', port: 1001, directory: '/z' })).toContain(
      'clientPortAddress=127.0.0.1',
    );
  });

  test('on AWS only the Router listens beyond loopback, over TLS, and everything asks for a login', async () => {
    const files = await renderDruid(aws);
    for (const service of DRUID_SERVICES) {
      const properties = parse(files[service].runtimeProperties);
      expect(properties.get('druid.bindOnHost')).toBe('true');
      expect(properties.get('druid.host')).toBe(service === 'router' ? '10.0.0.5' : '127.0.0.1');
      expect(properties.get('druid.auth.authenticatorChain')).toBe('["basic"]');
      expect(properties.get('druid.auth.authenticator.basic.skipOnFailure')).toBe('false');
    }
    const router = parse(files.router.runtimeProperties);
    expect(router.get('druid.enablePlaintextPort')).toBe('false');
    expect(router.get('druid.enableTlsPort')).toBe('true');
    expect(router.get('druid.tlsPort')).toBe('1007');
  });

  test('no file contains a password: each is read from the environment', async () => {
    const files = await renderDruid(aws);
    const passwords = DRUID_SERVICES.flatMap((service) => [...parse(files[service].runtimeProperties)]).filter(
      ([name]) => /password$/i.test(name),
    );
    expect(passwords.length).toBeGreaterThanOrEqual(4 * DRUID_SERVICES.length);
    const provider = z.object({ type: z.literal('environment'), variable: z.enum(Object.values(SECRET_VARIABLES)) });
    for (const [, value] of passwords) {
      expect(provider.safeParse(JSON.parse(value)).error).toBeUndefined();
    }
  });

  test('direct memory holds every buffer of a process', async () => {
    const files = await renderDruid({
      ...local,
      sizes: {
        ...local.sizes,
        broker: { heapMb: 512, httpThreads: 8, bufferMb: 100, processingThreads: 3, mergeBuffers: 2 },
      },
    });
    // Druid refuses to start under buffer size x (threads + merge buffers + 1).
    const direct = Number(/MaxDirectMemorySize=(\d+)m/.exec(files.broker.jvmConfig)?.[1]);
    expect(direct).toBeGreaterThanOrEqual(100 * 6);
    expect(files.broker.jvmConfig).toContain('-Xmx512m');
  });
});
