import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { checkConfig, loadConfig } from '../../../lib/config/load.ts';
import { type PresetName, PRICE_LIMITS } from '../../../lib/config/presets.ts';
import { NAT_DISK_GIB } from '../../../lib/network/nat-instance.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { describeEstimate } from '../../../tools/cost/describe.ts';
import { estimate, HOURS_PER_MONTH, type Item, LEFT_OUT, total } from '../../../tools/cost/estimate.ts';
import { PRICES, pricesSchema } from '../../../tools/cost/prices.ts';
import { costReport } from '../../../tools/cost/report.ts';
import { costDocument } from '../../../tools/cost/table.ts';
import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { type Templates, templatesOf, within } from '../../support/synth.ts';

/** Without what is free of it. */
const countOf = (items: readonly Item[], price: string): number =>
  items.filter((item) => item.price === price && item.count > 0).reduce((sum, { count }) => sum + count, 0);

const itemOf = (items: readonly Item[], start: string): Item | undefined =>
  items.find(({ item }) => item.startsWith(start));

/** The numbers below `value` that stand under `key`. */
const numbers = (value: unknown, key: string): number[] =>
  within(value, (inner) => typeof inner === 'object' && inner !== null && key in inner).flatMap((inner) =>
    z
      .object({ [key]: z.number() })
      .transform((found) => found[key] ?? 0)
      .parse(inner),
  );

/** Types of all machines but EMR's, as often as there are machines. */
const machineTypes = (templates: Templates): string[] =>
  templates
    .resources('AWS::EC2::LaunchTemplate')
    .map(
      ({ Properties }) =>
        z.object({ LaunchTemplateData: z.object({ InstanceType: z.string() }) }).parse(Properties).LaunchTemplateData
          .InstanceType,
    )
    .concat(
      templates
        .resources('AWS::EC2::Instance')
        .map(({ Properties }) => z.object({ InstanceType: z.string() }).parse(Properties).InstanceType),
    );

describe.each(['dev', 'lean', 'seed', 'district', 'city', 'prod'] satisfies DeploymentName[])(
  'the estimate of %s has what its templates have:',
  (name) => {
    const config = DEPLOYMENTS[name]();
    const items = estimate(config);
    const templates = templatesOf(name);

    test.each([
      ['secretsmanager/secret', 'AWS::SecretsManager::Secret'],
      ['cloudwatch/dashboard', 'AWS::CloudWatch::Dashboard'],
      ['nat/gateway', 'AWS::EC2::NatGateway'],
      ['kms/key', 'AWS::KMS::Key'],
      ['route53/zone', 'AWS::Route53::HostedZone'],
    ])('as many %s', (what, type) => {
      expect(countOf(items, what)).toBe(templates.resources(type).length);
    });

    test('alarms enough, and not many too many', () => {
      const room = countOf(items, 'cloudwatch/alarm') - templates.resources('AWS::CloudWatch::Alarm').length;
      expect(room).toBeGreaterThanOrEqual(0);
      expect(room).toBeLessThan(25);
    });

    test('as many metrics as filters make and agents publish', () => {
      const filters = templates.resources('AWS::Logs::MetricFilter').length;
      const hosts = templates.resources('AWS::EC2::LaunchTemplate').length;
      expect(countOf(items, 'cloudwatch/metric')).toBe(filters + 2 * hosts + 1);
    });

    test('every machine, of its type, and every disk', () => {
      const { spark } = config;
      const emr = [spark.primaryType, ...Array.from({ length: spark.coreNodes }, () => spark.coreType)];
      const types = [...machineTypes(templates), ...emr];
      for (const type of new Set(types)) {
        expect({ type, count: countOf(items, `ec2/${type}`) }).toEqual({
          type,
          count: types.filter((one) => one === type).length,
        });
      }
      const disks = numbers(templates.resources('AWS::EC2::LaunchTemplate'), 'VolumeSize');
      const ofImage = templates.resources('AWS::EC2::Instance').length * NAT_DISK_GIB;
      const sum = disks.reduce((all, size) => all + size, 0) + ofImage + emr.length * spark.diskGiB;
      expect(countOf(items, 'ebs/gp3-gib')).toBe(sum);
    });

    test('every part that costs', () => {
      // S3 is left out, and nothing else in `downloads` costs.
      const parts = [...templates.byPart.keys()].filter((part) => part !== 'downloads');
      expect([...new Set(items.map(({ part }) => part))]).toEqual(parts.sort(byStack));
    });
  },
);

const ORDER = ['network', 'foundation', 'kafka', 'spark', 'druid', 'airflow', 'superset', 'replay', 'operations'];
const byStack = (a: string, b: string): number => ORDER.indexOf(a) - ORDER.indexOf(b);

describe('an estimate', () => {
  test('multiplies the price of an hour by the hours of a month', () => {
    const brokers = itemOf(estimate(checkConfig({ kafka: { brokers: 6 } })), 'msk/kafka.m5.large');
    expect(brokers?.usd).toBeCloseTo(6 * 0.21 * HOURS_PER_MONTH, 6);
  });

  test('names the type that it has no price of', () => {
    expect(() => estimate(checkConfig({ druid: { instanceType: 'r5.2xlarge' } }))).toThrow(
      'no price of ec2/r5.2xlarge',
    );
  });

  test('costs nothing for producers that are not there', () => {
    const items = estimate(checkConfig({ replay: { hosts: 0 } }));
    expect(items.map(({ part }) => part)).not.toContain('replay');
  });

  test('marks an unverified price, sums up, and says what is left out', () => {
    const items = estimate(checkConfig({ database: { instanceType: 't4g.micro' } }));
    const lines = describeEstimate(items);
    expect(lines.find((line) => line.includes('msk/kafka.m5.large'))).not.toContain('~');
    expect(lines.find((line) => line.includes('rds/t4g.micro'))).toContain('~');
    expect(lines.at(-2)).toContain(total(items).toFixed(2));
    expect(lines.at(-1)).toContain(LEFT_OUT);
  });

  test('has no line without formula, source and date', () => {
    for (const preset of ['dev', 'lean', 'seed', 'district', 'city']) {
      for (const { formula, source, date } of estimate(loadConfig({ preset }))) {
        expect(formula).toMatch(/\d/);
        expect(source.length).toBeGreaterThan(5);
        expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
      }
    }
  });

  test('prices disks as retention fills them, not as they begin', () => {
    const diskOf = (retentionHours: number) =>
      countOf(
        estimate(checkConfig({ kafka: { storageGiB: 10, topics: { powerraw: { retentionHours } } } })),
        'msk/storage-gib',
      );
    expect(diskOf(48)).toBeGreaterThan(1.7 * diskOf(24));
    expect(diskOf(24)).toBeGreaterThan(30);
  });

  test('prices what crosses zones: all that producers send but what stays, nothing of readers that have a copy near', () => {
    const usdOf = (zones: number, brokers: number, start: string) =>
      itemOf(estimate(checkConfig({ network: { zones }, kafka: { brokers } })), `traffic/cross-zone-gb: ${start}`)
        ?.usd ?? NaN;
    // 2/3 of it with three zones, half with two.
    expect(usdOf(3, 3, 'readings from producers') / usdOf(2, 2, 'readings from producers')).toBeCloseTo(4 / 3);
    // Two copies in two zones: one is always near. In three zones one of them has none.
    expect(usdOf(2, 2, 'readings to Spark')).toBe(0);
    expect(usdOf(3, 3, 'readings to Spark')).toBeCloseTo(usdOf(3, 3, 'readings from producers') / 2);
  });

  test('prices requests of the checkpoint by its files and batches', () => {
    const usdOf = (batchSeconds: number) =>
      itemOf(estimate(checkConfig({ spark: { batchSeconds } })), 's3/put: checkpoint')?.usd ?? NaN;
    // 2 x 3 partitions, 3 requests each of a delta and every eleventh time of a snapshot; 5 of offsets, 5 of the commit.
    const batch = 6 * 3 * (12 / 11) + 10;
    // Each partition is listed twice a minute, whatever batches there are; 0.005 USD a thousand.
    const usd = (batches: number) => ((batch * batches + 12 * 43_800) * 0.005) / 1_000;
    expect(usdOf(1)).toBeCloseTo(usd(2_628_000), 6);
    expect(usdOf(10)).toBeCloseTo(usd(262_800), 6);
  });

  test('takes what the account has for nothing off, once, and no more than there is', () => {
    const items = estimate(checkConfig({}));
    const free = items.filter(({ usd }) => usd < 0);
    expect(free.map(({ price, count }) => [price, count])).toEqual([
      ['cloudwatch/alarm', -10],
      ['cloudwatch/dashboard', -2],
      ['cloudwatch/metric', -10],
      ['cloudwatch/log-gb', -5],
    ]);
  });

  test.each(Object.keys(PRICE_LIMITS) as PresetName[])('of %s stays within its limit, all in', (preset) => {
    expect(total(estimate(loadConfig({ preset })))).toBeLessThanOrEqual(PRICE_LIMITS[preset] ?? 0);
  });
});

describe('the report for programs', () => {
  test('has the names that others read, and lines that add up to its total', () => {
    const report = costReport('seed', loadConfig({ preset: 'seed' }));
    expect(Object.keys(report)).toEqual(['preset', 'readings_per_s', 'carried_readings_per_s', 'total_usd', 'lines']);
    expect(Object.keys(report.lines[0] ?? {})).toEqual(['part', 'item', 'usd', 'formula', 'source', 'date']);
    expect(report).toMatchObject({ preset: 'seed', readings_per_s: 100_000 });
    expect(report.carried_readings_per_s).toBeGreaterThanOrEqual(100_000);
    const sum = report.lines.reduce((all, { usd }) => all + usd, 0);
    expect(Math.abs(sum - report.total_usd)).toBeLessThan(0.01 * report.lines.length);
  });

  test('says zero for what is not declared', () => {
    expect(costReport('meters', checkConfig({ replay: { hosts: 0 } }))).toMatchObject({
      readings_per_s: 0,
      carried_readings_per_s: 0,
    });
  });
});

test('a price names a source that the file has', () => {
  const wrong = { ...PRICES, prices: { 'kms/key': { usd: 1, per: 'month', source: 'hearsay', date: '2026-11-28' } } };
  expect(pricesSchema.safeParse(wrong).error?.issues[0]?.message).toContain('one of karpenter');
});

test('docs/operate/cost.md is what npm run docs writes today', () => {
  expect(readFileSync(repositoryPath('docs', 'operate', 'cost.md'), 'utf8')).toBe(costDocument());
});
