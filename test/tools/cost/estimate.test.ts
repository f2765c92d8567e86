import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { repositoryPath } from '../../../lib/assets/repository.ts';
import { checkConfig } from '../../../lib/config/load.ts';
import { describeEstimate } from '../../../tools/cost/describe.ts';
import {
  estimate,
  HOURS_PER_MONTH,
  type Item,
  PRICES,
  replayedPerSecond,
  total,
} from '../../../tools/cost/estimate.ts';
import { costDocument } from '../../../tools/cost/table.ts';
import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { type Templates, templatesOf, within } from '../../support/synth.ts';

const countOf = (items: readonly Item[], what: string): number =>
  items.filter((item) => item.what === what).reduce((sum, { count }) => sum + count, 0);

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
    );

describe.each(['dev', 'seed', 'district', 'city', 'prod'] satisfies DeploymentName[])(
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
      const sum = disks.reduce((all, size) => all + size, 0) + emr.length * spark.diskGiB;
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
    const [brokers] = estimate(checkConfig({ kafka: { brokers: 6 } })).filter(
      ({ what }) => what === 'msk/kafka.m5.large',
    );
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

  test('marks an unverified price, and sums up', () => {
    const items = estimate(checkConfig({}));
    const lines = describeEstimate(items);
    expect(lines.find((line) => line.includes('msk/kafka.m5.large'))).not.toContain('~');
    expect(lines.find((line) => line.includes('rds/t4g.small'))).toContain('~');
    expect(lines.at(-1)).toContain(total(items).toFixed(2));
  });

  test('takes no price for checked that it does not have', () => {
    const known = [...Object.keys(PRICES.hourly), ...Object.keys(PRICES.monthly)];
    expect(PRICES.checked.filter((what) => !known.includes(what))).toEqual([]);
  });

  test("reckons the seed's topology with the seed's own rate", () => {
    expect(replayedPerSecond(checkConfig({}))).toBe(100_000);
    expect(replayedPerSecond(checkConfig({ speed: 12 }))).toBe(50_000);
  });
});

test('docs/operate/cost.md is what npm run docs writes today', () => {
  expect(readFileSync(repositoryPath('docs', 'operate', 'cost.md'), 'utf8')).toBe(costDocument());
});
