import { describe, expect, test } from '@jest/globals';

import { checkConfig, loadConfig } from '../../../lib/config/load.ts';
import measured from '../../../lib/config/measured.json' with { type: 'json' };
import sized from '../../../lib/config/sized-presets.json' with { type: 'json' };
import { choose, HEADROOM, type Resource } from '../../../tools/size/choose.ts';
import { type Costs, CostsError, readCosts } from '../../../tools/size/costs.ts';
import { INSTANCE_TYPES } from '../../../tools/size/instance-types.ts';
import { type Load, needsOf, SIZED_PARTS } from '../../../tools/size/needs.ts';
import { size } from '../../../tools/size/size.ts';
import { measuredOf, PRESET_LOADS, sizedPresets } from '../../../tools/size/sized-presets.ts';

const COSTS: Costs = {
  machine: '2 cores, A CPU',
  date: '2026-11-23',
  cpu: { replay: 1, produce: 0.5, fetch: 0.5, spark: 6, druid: 10, window: 8 },
  kafkaBytes: 55,
  druidRowBytes: 30,
  stateBytes: 5_000,
  replayBytes: 100,
  druidTask: 100_000,
};
const METERS: Load = { appliances: 100_000, hz: 1, speed: 1 };
const KEEPING = { replication: 2, kafkaHours: 48, druidDays: 10 };

describe('sizing', () => {
  test('the presets are what the measurements say: npm run size -- --write-presets brings them up to date', () => {
    expect(sizedPresets(readCosts())).toEqual(sized);
    expect(measuredOf(readCosts())).toEqual(measured);
  });

  test.each(Object.keys(PRESET_LOADS))('the preset %s is a valid configuration', (preset) => {
    expect(loadConfig({ preset }).name).toBe('igrid');
  });

  test('a reading costs the brokers once for each copy and once for each reader of it', () => {
    const { kafka } = needsOf(METERS, KEEPING, COSTS);
    // 0.1 M/s x (0.5 produced x 2 copies + 0.5 fetched x (2 readers + 1 follower))
    expect(kafka.cores).toBeCloseTo(0.1 * (1 + 1.5));
    const alone = needsOf(METERS, { ...KEEPING, replication: 1 }, COSTS);
    expect(alone.kafka.cores).toBeCloseTo(0.1 * (0.5 + 1));
  });

  test('Druid keeps a row a second however many readings a second there are, and fewer of slow meters', () => {
    const diskOf = (hz: number): number => needsOf({ ...METERS, hz }, KEEPING, COSTS).druid.diskGib;
    expect(diskOf(10)).toBeCloseTo(diskOf(1));
    expect(diskOf(0.1)).toBeLessThan(diskOf(1) / 5);
  });

  test('speed multiplies the readings', () => {
    expect(size({ ...METERS, speed: 10 }, COSTS).rate).toBe(10 * size(METERS, COSTS).rate);
  });

  test.each([1_000, 10_000, 100_000, 1_000_000])('%i meters find room to spare in every part', (appliances) => {
    const found = size({ appliances, hz: 1, speed: 1 }, COSTS);
    expect(found.beyond.length > 0).toBe(appliances > 100_000);
    for (const part of SIZED_PARTS) {
      if (part === 'druid' && found.beyond.length > 0) {
        continue;
      }
      for (const resource of Object.keys(HEADROOM) as Resource[]) {
        expect([part, resource, found.uses[part][resource] <= HEADROOM[resource]]).toEqual([part, resource, true]);
      }
    }
    expect(() => checkConfig(found.config)).not.toThrow();
  });

  test('more appliances never cost less', () => {
    const prices = [1e3, 1e4, 1e5, 3e5].map((appliances) => size({ appliances, hz: 1, speed: 1 }, COSTS).monthlyUsd);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
  });

  test.each<Load>([
    { appliances: 82_000_000, hz: 1, speed: 1 },
    { appliances: 100_000_000, hz: 1, speed: 1 },
    { appliances: 100_000_000, hz: 1_000, speed: 120 },
  ])('answers for up to 100 million appliances, with what is beyond a deployment said: %j', (load) => {
    for (const costs of [COSTS, readCosts()]) {
      const { beyond, config } = size(load, costs);
      expect(beyond.length).toBeGreaterThan(0);
      expect(checkConfig(config).replay.hosts).toBeLessThanOrEqual(100);
    }
  });

  test('what one Druid host can not carry is said, with the cluster that could', () => {
    const { beyond } = size({ appliances: 1_000_000, hz: 10, speed: 1 }, COSTS);
    expect(beyond).toEqual([expect.stringMatching(/^Druid: one i3\.16xlarge carries \d+ % .* about \d+ data servers/)]);
  });

  test('many appliances get longer batches, which cost fewer look-ups and may hold more readings', () => {
    const sparkOf = (load: Load) => checkConfig(size(load, COSTS).config).spark;
    const few = sparkOf({ appliances: 1_000, hz: 1, speed: 1 });
    expect(few).toMatchObject({ batchSeconds: 1, maxOffsetsPerTrigger: 3_000_000 });
    const many = sparkOf({ appliances: 1_000_000, hz: 1, speed: 1 });
    expect(many).toMatchObject({ batchSeconds: 10, maxOffsetsPerTrigger: 30_000_000 });
    // 6 of the readings, and 8 x the 5 1/12 windows of 10 s in which each of a million looks up as many, a tenth a second.
    const { spark: need } = needsOf({ appliances: 1_000_000, hz: 1, speed: 1 }, KEEPING, COSTS);
    expect(need.cores).toBeCloseTo(6 + (8 * (5 + 10 / 120)) / 10);
  });

  test('no batch is longer than a slide, whatever it costs', () => {
    expect(size({ appliances: 1_000_000, hz: 0.01, speed: 120 }, COSTS).needs.batchSeconds).toBe(1);
  });

  test('the cheapest fleet is chosen, in steps, and none when none is large enough', () => {
    const need = { cores: 7, memoryGib: 1, diskGib: 0, networkGbit: 0.1 };
    const rules = {
      capacity: (type: { vcpus: number }) => ({ cores: type.vcpus, memoryGib: 8, diskGib: 1, networkGbit: 1 }),
      price: (type: { vcpus: number }) => (type.vcpus === 4 ? 3 : type.vcpus),
    };
    expect(choose(need, INSTANCE_TYPES.core, { ...rules, step: 3 })).toMatchObject({ type: { vcpus: 4 }, count: 6 });
    expect(choose(need, INSTANCE_TYPES.core, { ...rules, most: 0 })).toBeUndefined();
  });

  test('a results file without a case is told by the case', () => {
    const machine = { cpu: 'A CPU', cores: 2, memory_gib: 8 };
    expect(() => readCosts({ machine, cases: [] })).toThrow(CostsError);
    expect(() => readCosts({ machine, cases: [] })).toThrow('no case duty-cycle-backlog');
  });
});
