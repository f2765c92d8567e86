import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { checkConfig, ConfigError, loadConfig } from '../../../lib/config/load.ts';
import { PRESETS, type PresetName } from '../../../lib/config/presets.ts';

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
      stream: {
        brokers: 3,
        brokerType: 'kafka.m5.large',
        topics: { powerraw: { partitions: 6, replication: 2, minInSyncReplicas: 1 } },
      },
      replay: { machines: 4, playbacksPerMachine: 20 },
      dutyCycle: { coreNodes: 2, primaryType: 'm5.xlarge', coreType: 'm5.xlarge' },
      olap: { instanceType: 'i3.2xlarge' },
      batch: { instanceType: 't3.medium' },
    });
  });

  test.each(Object.keys(PRESETS) as PresetName[])('accepts its own preset %s', (name) => {
    expect(() => loadConfig({ preset: name })).not.toThrow();
  });

  test('takes a file over the preset, field by field', () => {
    const file = join(folder, 'over.json');
    writeFileSync(file, JSON.stringify({ stream: { topics: { powerraw: { partitions: 7 } } } }));
    const config = loadConfig({ preset: 'dev', file });
    expect(config.stream.topics.powerraw).toMatchObject({ partitions: 7, replication: 2 });
    expect(config.stream.topics.dutycycle.partitions).toBe(6);
    expect(config.stream.storageGiB).toBe(PRESETS.dev.stream.storageGiB);
  });

  test.each([
    [{ speed: 0 }, 'speed: 0 is not allowed'],
    [{ stream: { brokers: 4 } }, 'stream.brokers: 4 is not allowed: a multiple of 3'],
    [{ stream: { topics: { powerraw: { partitions: 0 } } } }, 'stream.topics.powerraw.partitions: 0 is not allowed'],
    [
      { stream: { topics: { history: { replication: 4 } } } },
      'stream.topics.history.replication: 4 is not allowed: at most the number of brokers (3)',
    ],
    [
      { stream: { topics: { powerraw: { replication: 2, minInSyncReplicas: 2 } } } },
      'stream.topics.powerraw.minInSyncReplicas: 2 is not allowed: less than replication',
    ],
    [{ stream: { kafkaVersion: '3.9.x' } }, 'stream.kafkaVersion: "3.9.x" is not allowed'],
    [{ network: { availabilityZones: ['eu-central-1a'] } }, 'network.availabilityZones: ["eu-central-1a"]'],
    [{ stream: { auth: 'scram' } }, 'stream.auth: "scram" is not allowed'],
    [{ profile: 'prod', stream: { auth: 'none' } }, 'stream.auth: "none" is not allowed: "iam"'],
    [{ profile: 'prod' }, 'operations.alarmEmail: is missing'],
    [{ account: '123456789012' }, 'region: is missing'],
    [{ streem: {} }, 'streem: there is no such field'],
    [{ replay: { machine: 4 } }, 'replay.machine: there is no such field'],
  ])('refuses %j, naming field, value and what is allowed', (input, expected) => {
    expect(messageOf(() => checkConfig(input))).toContain(expected);
  });

  test('names every wrong value at once', () => {
    expect(messageOf(() => checkConfig({ speed: 500, replay: { machines: -1 } })).split('\n')).toHaveLength(2);
  });

  test('says which presets there are when one is unknown', () => {
    expect(messageOf(() => loadConfig({ preset: 'town' }))).toBe(
      'preset: "town" is not one of dev, seed, district, city',
    );
  });

  test('says which file it could not read', () => {
    expect(messageOf(() => loadConfig({ file: join(folder, 'absent.json') }))).toContain('absent.json');
  });
});
