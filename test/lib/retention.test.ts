import { describe, expect, test } from '@jest/globals';

import { type PresetName, PRESETS } from '../../lib/config/presets.ts';
import { type DeploymentName, DEPLOYMENTS } from '../support/deployments.ts';
import { type Located, preset, type Templates, templatesOf, within } from '../support/synth.ts';

/** Whether CloudFormation leaves a resource when its stack is deleted. */
const isKept = ({ DeletionPolicy }: Located): boolean => DeletionPolicy?.startsWith('Retain') ?? false;

/** Logical ids that a resource refers to, in its own stack. */
function references(resource: Located, templates: Templates): Located[] {
  const ids = new Set(
    within(resource.Properties, (value) => typeof value === 'object' && value !== null)
      .flatMap((value) => Object.entries(value as Record<string, unknown>))
      .flatMap(([name, value]) =>
        name === 'Ref' ? [value] : name === 'Fn::GetAtt' && Array.isArray(value) ? [value[0] as unknown] : [],
      ),
  );
  return templates.resources().filter(({ stack, logicalId }) => stack === resource.stack && ids.has(logicalId));
}

/** Resources with a lock against deletion, which would stop the rollback of their own creation. */
const isLocked = ({ Properties }: Located): boolean =>
  within(
    Properties,
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      ['DeletionProtection', 'DeletionProtectionEnabled', 'TerminationProtected', 'DisableApiTermination'].some(
        (lock) => (value as Record<string, unknown>)[lock] === true,
      ),
  ).length > 0;

const PROD_DEPLOYMENTS = (Object.keys(DEPLOYMENTS) as DeploymentName[]).filter(
  (name) => DEPLOYMENTS[name]().profile === 'prod',
);

test('there are deployments of the profile prod', () => {
  expect(PROD_DEPLOYMENTS).toContain('prod');
});

describe.each(PROD_DEPLOYMENTS)('in the prod deployment %s', (name) => {
  const templates = templatesOf(name);
  const kept = templates.resources().filter(isKept);

  test('what is kept when a stack is deleted is removed when its creation fails, and kept when it is replaced', () => {
    expect(kept.length).toBeGreaterThan(10);
    for (const { stack, logicalId, DeletionPolicy, UpdateReplacePolicy } of kept) {
      expect({ stack, logicalId, DeletionPolicy, UpdateReplacePolicy }).toEqual({
        stack,
        logicalId,
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });

  test('nothing is locked against the rollback of its creation', () => {
    expect(
      templates
        .resources()
        .filter(isLocked)
        .map(({ logicalId }) => logicalId),
    ).toEqual([]);
  });

  test('the database is protected from deletion once its stack is complete', () => {
    const [protection, ...more] = templates.resources('Custom::DatabaseProtection');
    expect(more).toEqual([]);
    const [instance] = templates.resources('AWS::RDS::DBInstance');
    expect(protection?.Properties).toMatchObject({ Instance: { Ref: instance?.logicalId }, IsProtected: true });
    const [roles] = templates.resources('Custom::DatabaseRoles');
    expect(protection?.DependsOn).toContain(roles?.logicalId);
  });

  test('what a kept resource needs is kept with it: its master secret, its groups, its configuration', () => {
    const lost = kept.flatMap((resource) =>
      references(resource, templates)
        .filter((needed) => !isKept(needed))
        // A service continues without the group that it logs into.
        .filter(({ Type }) => Type !== 'AWS::Logs::LogGroup')
        .map((needed) => `${resource.stack}/${resource.logicalId} needs ${needed.Type} ${needed.logicalId}`),
    );
    expect(lost).toEqual([]);
  });

  test('the secret that the database has its master password from is kept', () => {
    const [instance] = templates.resources('AWS::RDS::DBInstance');
    const secrets = instance ? references(instance, templates).filter(({ Type }) => Type.endsWith('::Secret')) : [];
    expect(secrets).toHaveLength(1);
    expect(secrets.every(isKept)).toBe(true);
  });
});

describe.each(Object.keys(PRESETS) as PresetName[])('the preset %s', (name) => {
  test('leaves nothing and locks nothing', () => {
    const all = preset(name).resources();
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((one) => isKept(one) || isLocked(one)).map(({ logicalId }) => logicalId)).toEqual([]);
    const [protection] = preset(name).resources('Custom::DatabaseProtection');
    expect(protection?.Properties.IsProtected).toBe(false);
  });

  test("keeps its deleted key for a week, KMS' least", () => {
    const keys = preset(name).resources('AWS::KMS::Key');
    expect(keys).toHaveLength(1);
    expect(keys.map(({ Properties }) => Properties.PendingWindowInDays)).toEqual([7]);
  });
});
