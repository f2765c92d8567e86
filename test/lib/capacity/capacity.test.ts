import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { carriedPerSecond, checkCapacity, limitsOf } from '../../../lib/capacity/capacity.ts';
import { readCosts } from '../../../lib/capacity/costs.ts';
import { declaredLoad } from '../../../lib/capacity/declared-load.ts';
import { machineOf, vcpuFactor } from '../../../lib/capacity/machines.ts';
import { DEPLOYED_CODEC, kafkaGib, rateOf, topicBytes } from '../../../lib/capacity/needs.ts';
import { checkConfig, ConfigError, loadConfig } from '../../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../../lib/config/presets.ts';
import type { GridConfigInput } from '../../../lib/config/schema.ts';
import { repositoryPath } from '../../../src/files/repository.ts';

const COSTS = readCosts();

/** The one preset that waits for a Druid cluster. */
const TOO_LARGE: PresetName = 'city';

const refusalOf = (input: GridConfigInput): string => {
  try {
    checkCapacity(checkConfig(input));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  return '';
};

describe('a preset', () => {
  test.each((Object.keys(PRESETS) as PresetName[]).filter((preset) => preset !== TOO_LARGE))(
    '%s carries the load that it is made for',
    (preset) => {
      const config = loadConfig({ preset });
      const load = declaredLoad(config);
      expect(load).toBeDefined();
      if (load) {
        expect(carriedPerSecond(config, load, COSTS)).toBeGreaterThanOrEqual(rateOf(load));
      }
      expect(() => checkCapacity(config)).not.toThrow();
    },
  );

  test('city is refused, with the part, the numbers and what is missing', () => {
    const lines = refusalOf(PRESETS[TOO_LARGE]).split('\n');
    // Everything but Druid carries it.
    expect(lines.every((line) => line.startsWith('druid: '))).toBe(true);
    expect(lines[0]).toMatch(
      /declared load of 10,000,000 readings\/s needs [\d.]+ \w+; .* carries [\d,]+ readings\/s, \d+(\.\d)? % of/,
    );
    expect(lines[0]).toContain('needs a cluster, which it does not make yet');
  });

  test.each([
    ['lean', 100_000],
    ['seed', 100_000],
    ['district', 1_000_000],
    ['city', 10_000_000],
  ] as const)('%s is made for %i readings a second', (preset, rate) => {
    const load = declaredLoad(loadConfig({ preset }));
    expect(load && Math.round(rateOf(load))).toBe(rate);
  });
});

describe('a configuration below its declared load', () => {
  const seed = PRESETS.seed;
  test.each<[string, GridConfigInput, string]>([
    ['brokers', { ...seed, load: { appliances: 1_000_000, hz: 1 } }, 'kafka: cores'],
    ['disks of brokers', { ...seed, kafka: { ...seed.kafka, maxStorageGiB: 100 } }, 'kafka: disk'],
    ['nodes', { ...seed, load: { appliances: 150_000, hz: 0.5 } }, 'spark: cores'],
    ['segments', { ...seed, druid: { ...seed.druid, retentionDays: 400 } }, 'druid: disk'],
    ['ingestion tasks', { ...seed, druid: { powerrawTasks: 1 } }, 'druid: powerrawTasks'],
    ['producers', { ...seed, replay: { ...seed.replay, instanceType: 't3a.micro' } }, 'replay: cores'],
  ])('is refused for too few %s', (_, input, expected) => {
    expect(refusalOf(input)).toContain(expected);
  });

  test('is not refused where no load is declared', () => {
    expect(declaredLoad(checkConfig({ replay: { hosts: 0 } }))).toBeUndefined();
    expect(refusalOf({ replay: { hosts: 0 }, druid: { powerrawTasks: 1 } })).toBe('');
  });

  test('is measured by the load that it declares, whatever the replay plays', () => {
    const config = checkConfig({ ...seed, load: { appliances: 500, hz: 1 }, speed: 1 });
    expect(declaredLoad(config)).toEqual({ appliances: 500, hz: 1, speed: 1 });
  });
});

describe('limits', () => {
  test('a load that is twice as large has factors half as large', () => {
    const config = loadConfig({ preset: 'seed' });
    const factorOf = (appliances: number) =>
      limitsOf(config, { appliances, hz: 0.4, speed: 24 }, COSTS).find(
        ({ part, resource }) => part === 'druid' && resource === 'cores',
      )?.factor ?? NaN;
    expect(factorOf(10_000) / factorOf(20_000)).toBeCloseTo(2);
  });

  test('longer batches take less of Spark', () => {
    const coresAt = (batchSeconds: number) => {
      const config = checkConfig({ ...PRESETS.seed, spark: { ...PRESETS.seed.spark, batchSeconds } });
      const load = declaredLoad(config);
      return (
        load && limitsOf(config, load, COSTS).find(({ part, resource }) => part === 'spark' && resource === 'cores')
      );
    };
    expect(coresAt(10)?.needed).toBeLessThan(coresAt(1)?.needed ?? 0);
  });
});

describe('a machine', () => {
  test('has fewer measured cores than vCPUs where a vCPU is a hyper-thread, and as many where it is a core of the same kind', () => {
    expect(machineOf('m7a.large')).toMatchObject({ vcpus: 2, cores: 2, memoryGib: 8, storeGib: 0 });
    expect(machineOf('kafka.m5.large').cores).toBeCloseTo(2 * 0.58);
    expect(vcpuFactor('i3.2xlarge')).toBeLessThan(vcpuFactor('i4i.2xlarge'));
    expect(machineOf('i3.2xlarge').storeGib).toBeCloseTo(1_769.5, 1);
  });

  test('of a bursting type has the share of a vCPU that is always there', () => {
    expect(machineOf('t3a.small').cores).toBeCloseTo(2 * 0.52 * 0.2);
  });

  test('of a family that was not measured is taken as the slowest', () => {
    expect(vcpuFactor('z1d.large')).toBe(vcpuFactor('i3.large'));
    expect(() => machineOf('q9.large')).toThrow('instance-types.json does not have');
  });
});

describe('what Kafka keeps', () => {
  test('is what hosts compress readings to', () => {
    const script = readFileSync(repositoryPath('ec2-userdata', 'replay', 'start.sh'), 'utf8');
    expect(/--compression (\w+)/.exec(script)?.[1]).toBe(DEPLOYED_CODEC);
    expect(COSTS.wireBytes.zstd).toBeLessThan(COSTS.wireBytes.lz4);
    expect(COSTS.wireBytes.lz4).toBeLessThan(COSTS.wireBytes.none);
  });

  test('is every copy of every topic, for its own retention', () => {
    const { topics } = checkConfig({
      kafka: {
        topics: {
          powerraw: { retentionHours: 10, replication: 3 },
          dutycycle: { retentionHours: 5 },
          history: { retentionHours: 1 },
        },
      },
    }).kafka;
    const bytes = { powerraw: 1e6, dutycycle: 1e5, history: 1e4 };
    expect(kafkaGib(bytes, topics)).toBeCloseTo((3_600 * (1e6 * 30 + 1e5 * 10 + 1e4 * 2)) / 2 ** 30);
    const load = { appliances: 10_000, hz: 10 / 24, speed: 24 };
    expect(topicBytes(load, 'none', COSTS).powerraw).toBeCloseTo(100_000 * COSTS.wireBytes.none);
  });
});
