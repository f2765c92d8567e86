import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { checkConfig, ConfigError, loadConfig } from '../../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../../lib/config/presets.ts';
import { NAMED_ZONES, PROD } from '../../support/deployments.ts';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('it was accepted');
};

describe('the configuration', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is the seed's topology when nothing is said", () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      profile: 'dev',
      speed: 24,
      kafka: {
        brokers: 3,
        brokerType: 'kafka.m5.large',
        topics: { powerraw: { partitions: 6, replication: 2, minInSyncReplicas: 1 } },
      },
      replay: { hosts: 1, playbacksPerHost: 80 },
      spark: { coreNodes: 2, primaryType: 'm5.xlarge', coreType: 'm5.xlarge' },
      druid: { instanceType: 'i3.2xlarge' },
      airflow: { instanceType: 't3.medium' },
    });
  });

  test.each(Object.keys(PRESETS) as PresetName[])('accepts its own preset %s', (name) => {
    expect(() => loadConfig({ preset: name })).not.toThrow();
  });

  test('takes a file over the preset, field by field', () => {
    const file = join(folder, 'over.json');
    writeFileSync(file, JSON.stringify({ kafka: { topics: { powerraw: { partitions: 7 } } } }));
    const config = loadConfig({ preset: 'dev', file });
    expect(config.kafka.topics.powerraw).toMatchObject({ partitions: 7, replication: 2 });
    expect(config.kafka.topics.dutycycle.partitions).toBe(6);
    expect(config.kafka.storageGiB).toBe(PRESETS.dev.kafka.storageGiB);
  });

  test.each([
    [{ speed: 0 }, 'speed: 0 is not allowed'],
    [{ kafka: { brokers: 4 } }, 'kafka.brokers: 4 is not allowed: a multiple of 3'],
    [{ kafka: { topics: { powerraw: { partitions: 0 } } } }, 'kafka.topics.powerraw.partitions: 0 is not allowed'],
    [
      { kafka: { topics: { history: { replication: 4 } } } },
      'kafka.topics.history.replication: 4 is not allowed: at most the number of brokers (3)',
    ],
    [
      { kafka: { topics: { powerraw: { replication: 2, minInSyncReplicas: 2 } } } },
      'kafka.topics.powerraw.minInSyncReplicas: 2 is not allowed: less than replication',
    ],
    [{ kafka: { version: '3.9.x' } }, 'kafka.version: "3.9.x" is not allowed'],
    [{ network: { availabilityZones: ['eu-central-1a'] } }, 'network.availabilityZones: ["eu-central-1a"]'],
    [
      { network: { zones: 2, availabilityZones: NAMED_ZONES }, kafka: { brokers: 2 } },
      'is not allowed: as many zones as network.zones says (2)',
    ],
    [{ network: { zones: 2 } }, 'kafka.brokers: is missing or left at its default: a multiple of 2'],
    [{ network: { zones: 2, natGateways: 3 }, kafka: { brokers: 2 } }, 'network.natGateways: 3 is not allowed'],
    [{ ...PROD, network: { nat: 'instance' } }, 'network.nat: "instance" is not allowed: gateway in prod'],
    [{ spark: { coreNodes: 0, maxCoreNodes: 4 } }, 'spark.maxCoreNodes: 4 is not allowed: absent without core nodes'],
    [
      { spark: { coreNodes: 0, executorMemoryGiB: 7 } },
      'spark.executorMemoryGiB: 7 is not allowed: at most 6 on m5.xlarge',
    ],
    [{ kafka: { auth: 'scram' } }, 'kafka.auth: "scram" is not allowed'],
    [{ profile: 'prod', kafka: { auth: 'none' } }, 'kafka.auth: "none" is not allowed: "iam"'],
    [{ profile: 'prod' }, 'operations.alarmEmail: is missing'],
    [{ account: '123456789012' }, 'region: is missing'],
    [{ streem: {} }, 'streem: there is no such field'],
    [{ replay: { machine: 4 } }, 'replay.machine: there is no such field'],
  ])('refuses %j, naming field, value and what is allowed', (input, expected) => {
    expect(messageOf(() => checkConfig(input))).toContain(expected);
  });

  test.each([
    // No write succeeds, or a lost broker takes data with it.
    [{ kafka: { topics: { powerraw: { replication: 1, minInSyncReplicas: 4 } } } }, 'powerraw.minInSyncReplicas: 4'],
    [{ kafka: { topics: { history: { replication: 3, minInSyncReplicas: 3 } } } }, 'less than replication (3)'],
    [
      { ...PROD, kafka: { topics: { deadletter: { replication: 1 } } } },
      'kafka.topics.deadletter.replication: 1 is not allowed: at least 2 in prod',
    ],
    // Types that can't be.
    [
      { druid: { instanceType: 'm7g.xlarge' } },
      'druid.instanceType: "m7g.xlarge" is not allowed: a type with an x86-64',
    ],
    [{ replay: { instanceType: 't4g.small' } }, 'replay.instanceType'],
    [
      { airflow: { instanceType: 'm5.gigantic' } },
      'airflow.instanceType: "m5.gigantic" is not allowed: one of m5.large',
    ],
    [{ superset: { instanceType: 'q9.large' } }, 'an instance type that AWS offers'],
    [{ druid: { instanceType: 't3.nano' } }, 'at least 4 GiB of memory (t3.nano has 0.5)'],
    [{ airflow: { instanceType: 't3.small' } }, 'at least 4 GiB of memory (t3.small has 2)'],
    [{ druid: { memoryGiB: 1_024 } }, 'druid.memoryGiB: 1024 is not allowed: less than the 61 GiB of i3.2xlarge'],
    [{ kafka: { brokerType: 'kafka.m5.huge' } }, 'kafka.brokerType: "kafka.m5.huge" is not allowed: one of'],
    [{ kafka: { brokerType: 'kafka.t3.small' } }, 'takes no KRaft mode'],
    [{ spark: { coreType: 'm5.large' } }, 'spark.coreType: "m5.large" is not allowed: a type that EMR takes'],
    [{ spark: { primaryType: 't3.xlarge' } }, "EMR takes, which t3.xlarge's family is not"],
    [{ database: { instanceType: 'i3.large' } }, 'a type that RDS takes for PostgreSQL'],
    // Values that do not fit each other.
    [
      { druid: { powerrawTasks: 7 } },
      'druid.powerrawTasks: 7 is not allowed: at most kafka.topics.powerraw.partitions (6)',
    ],
    [
      { druid: { instanceType: 'm5d.xlarge', powerrawTasks: 5 } },
      'druid.powerrawTasks: 5 is not allowed: at most 4 on m5d.xlarge',
    ],
    [
      { spark: { coreType: 'm5.2xlarge', executorMemoryGiB: 20 } },
      'spark.executorMemoryGiB: 20 is not allowed: at most 19 on m5.2xlarge',
    ],
    [{ spark: { executorCores: 4 } }, 'spark.executorCores: 4 is not allowed: at most 3 on m5.xlarge'],
    [{ speed: 1, druid: { retentionDays: 3 } }, 'druid.retentionDays: 3 is not allowed: at least 6 at speed 1'],
    [{ rotation: { certificates: 0 } }, 'rotation.certificates: 0 is not allowed'],
    [{ rotation: { databasePasswords: 1.5 } }, 'rotation.databasePasswords: 1.5 is not allowed'],
    [{ rotation: { passwords: 2 } }, 'rotation'],
    // Places.
    [{ network: { cidr: '999.999.0.0/16' } }, 'network.cidr: "999.999.0.0/16" is not allowed: a private IPv4 range'],
    [{ network: { cidr: '127.0.0.0/16' } }, 'this one is not private'],
    [{ network: { cidr: '8.8.0.0/16' } }, 'this one is not private'],
    [{ network: { cidr: '10.40.1.0/16' } }, 'begins at 10.40.0.0/16'],
    [{ network: { cidr: '10.0.0.0/8' } }, 'a private IPv4 range of /16 to /22'],
    [
      { account: '123456789012', region: 'eu-west-1', network: { availabilityZones: NAMED_ZONES } },
      'network.availabilityZones.0: "eu-central-1a" is not allowed: a zone of eu-west-1',
    ],
    [
      { network: { availabilityZones: ['eu-central-1a', 'eu-west-1b', 'eu-central-1c'] } },
      'network.availabilityZones.1: "eu-west-1b" is not allowed: a zone of eu-central-1',
    ],
    // What AWS takes as a tag, and as a retention.
    [{ tags: { costCentre: 'a<b>' } }, 'tags.costCentre: "a<b>" is not allowed: 1 to 64 letters'],
    [{ operations: { logRetentionDays: 10 } }, 'operations.logRetentionDays: 10 is not allowed: one of 1, 3, 5'],
  ])('refuses %j at synthesis instead of an hour later', (input, expected) => {
    expect(messageOf(() => checkConfig(input))).toContain(expected);
  });

  test.each([
    { network: { cidr: '172.16.4.0/22' } },
    { network: { cidr: '100.64.0.0/16' } },
    { kafka: { brokerType: 'kafka.m7g.large' } },
    { spark: { coreType: 'm6g.xlarge' } },
    { kafka: { topics: { powerraw: { replication: 1 } } } },
    { speed: 1, druid: { retentionDays: 6 } },
    { network: { zones: 2 }, kafka: { brokers: 2 } },
    { spark: { coreNodes: 0, executorMemoryGiB: 5, executorCores: 2 } },
  ])('takes %j', (input) => {
    expect(() => checkConfig(input)).not.toThrow();
  });

  test('never says only that a value is invalid', () => {
    const wrong = [{ profile: 'test' }, { operations: { alarmEmail: 'nobody' } }, { druid: { storage: 'nfs' } }, []];
    for (const input of wrong) {
      expect(messageOf(() => checkConfig(input))).not.toMatch(/: Invalid input$/m);
    }
  });

  test('names every wrong value at once', () => {
    expect(messageOf(() => checkConfig({ speed: 500, replay: { machines: -1 } })).split('\n')).toHaveLength(2);
  });

  test('says which presets there are when one is unknown', () => {
    expect(messageOf(() => loadConfig({ preset: 'town' }))).toBe(
      'preset: "town" is not one of dev, lean, seed, district, city',
    );
  });

  test('says which file it could not read', () => {
    expect(messageOf(() => loadConfig({ file: join(folder, 'absent.json') }))).toContain('absent.json');
  });

  test.each([
    ['{"__proto__": {"speed": 1}}', '__proto__: there is no such field'],
    ['{"network": {"__proto__": {}}}', '__proto__: there is no such field'],
    ['{"speed": 1,}', "config: can't read"],
    ['', "config: can't read"],
    ['null', 'config: null is not allowed'],
  ])('refuses the file %j in one line', (text, expected) => {
    const file = join(folder, 'odd.json');
    writeFileSync(file, text);
    const message = messageOf(() => loadConfig({ file }));
    expect(message).toContain(expected);
    expect(message.split('\n')).toHaveLength(1);
  });

  test('reads a file that begins with a byte order mark', () => {
    const file = join(folder, 'bom.json');
    writeFileSync(file, '\uFEFF{"speed": 12}');
    expect(loadConfig({ file }).speed).toBe(12);
  });

  describe('with an authority file', () => {
    const over = (authorityFile: string): string => {
      const file = join(folder, 'authority.json');
      writeFileSync(file, JSON.stringify({ database: { authorityFile } }));
      return file;
    };

    test('finds it beside the configuration', () => {
      writeFileSync(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n');
      expect(loadConfig({ file: over('ca.pem') }).database.authorityFile).toBe(join(folder, 'ca.pem'));
    });

    test.each(['missing.pem', 'authority.json', '.'])('names the field when %s holds no certificate', (name) => {
      const message = messageOf(() => loadConfig({ file: over(name) }));
      expect(message).toMatch(/^database\.authorityFile: ".*" is not allowed: a PEM file with certificates/);
      expect(message.split('\n')).toHaveLength(1);
    });
  });
});
