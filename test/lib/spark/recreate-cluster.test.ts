import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { raiseClusterGeneration } from '../../../tools/deploy/recreate-cluster.ts';
import { cdkSettings } from '../../../tools/deployment/selection.ts';
import { type Templates, templatesOf } from '../../support/synth.ts';

/** All resources of a stack, with every mention of its EMR cluster by the same name. */
const withoutCluster = (templates: Templates, part: 'spark' | 'operations') => {
  const resources = JSON.stringify(templates.part(part).Resources);
  return JSON.parse(
    resources.replaceAll(clusterOf(templates), 'CLUSTER').replaceAll(/[0-9a-f]{64}/g, 'HASH'),
  ) as unknown;
};

const clusterOf = (templates: Templates): string => {
  const [cluster, ...others] = templates.resources('AWS::EMR::Cluster');
  expect(others).toEqual([]);
  return cluster?.logicalId ?? 'none';
};

describe('another generation of the EMR cluster', () => {
  const before = templatesOf('seed');
  const after = templatesOf('second-cluster');

  test('is another resource of the stack: made before the old one is ended', () => {
    expect(clusterOf(after)).not.toBe(clusterOf(before));
  });

  test('leaves every other resource as it is, but for what names the cluster', () => {
    expect(withoutCluster(after, 'spark')).toEqual(withoutCluster(before, 'spark'));
    expect(withoutCluster(after, 'operations')).toEqual(withoutCluster(before, 'operations'));
  });

  test('moves the step, its restarter and the rule that starts it', () => {
    const refers = Object.values(after.part('spark').Resources)
      .filter((resource) => JSON.stringify(resource).includes(`{"Ref":"${clusterOf(after)}"}`))
      .map(({ Type }) => Type)
      .sort();
    expect(refers).toEqual(['AWS::Events::Rule', 'AWS::IAM::Policy', 'Custom::StreamingStep']);
  });

  test('is seen by every stack that refers to the cluster: no template names the old one', () => {
    const all = [...after.byPart.values()].map((template) => JSON.stringify(template)).join('');
    expect(all).not.toMatch(new RegExp(`${clusterOf(before)}\\b`));
  });
});

describe('npm run deploy -- --recreate-cluster', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'recreate-'));
    file = join(folder, 'north.json');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('raises the generation in the configuration file and changes nothing else there', () => {
    const content = { name: 'north', spark: { coreNodes: 3 } };
    writeFileSync(file, JSON.stringify(content));
    expect(raiseClusterGeneration(file)).toBe(2);
    expect(raiseClusterGeneration(file)).toBe(3);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      ...content,
      spark: { coreNodes: 3, clusterGeneration: 3 },
    });
  });

  test('takes a file that is empty but for its braces', () => {
    writeFileSync(file, '{}');
    expect(raiseClusterGeneration(file)).toBe(2);
  });

  test('leaves a file alone that is no configuration', () => {
    writeFileSync(file, '{"spark": {"clusterGeneration": "two"}}');
    expect(() => raiseClusterGeneration(file)).toThrow('spark.clusterGeneration: "two" is not allowed');
    expect(readFileSync(file, 'utf8')).toContain('"two"');
    expect(() => raiseClusterGeneration(join(folder, 'none.json'))).toThrow(/config: can't read .*none\.json/);
  });

  test('asks for a file, as a preset remembers nothing', () => {
    writeFileSync(file, '{}');
    expect(cdkSettings('deploy', ['--config', file, '--recreate-cluster'])).toMatchObject({
      recreateCluster: true,
    });
    expect(cdkSettings('deploy', [])).toMatchObject({ recreateCluster: false });
    expect(() => cdkSettings('deploy', ['--recreate-cluster'])).toThrow(/--recreate-cluster: add --config FILE/);
  });
});
