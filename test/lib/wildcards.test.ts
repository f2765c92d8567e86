import { describe, expect, test } from '@jest/globals';

import { type DeploymentName, DEPLOYMENTS } from '../support/deployments.ts';
import { statements, type Wildcard, wildcards } from '../support/iam.ts';
import { templatesOf } from '../support/synth.ts';
import { ALLOWED_WILDCARDS } from './wildcards.ts';

const lineOf = ({ role, action, resource }: Wildcard): string => `${role}: ${action} on ${resource}`;

/** All but those that say account and region, which would be the same roles with other ARNs. */
const names = (Object.keys(DEPLOYMENTS) as DeploymentName[]).filter(
  (name) => DEPLOYMENTS[name]().account === undefined,
);

describe('the wildcards of all roles', () => {
  const found = new Set(names.flatMap((name) => wildcards(templatesOf(name)).map(lineOf)));
  const listed = ALLOWED_WILDCARDS.flatMap(({ roles, actions, resources }) =>
    roles.flatMap((role) =>
      actions.flatMap((action) => resources.map((resource) => lineOf({ role, action, resource }))),
    ),
  );

  test('are all on the written list', () => {
    expect([...found].filter((one) => !listed.includes(one)).sort()).toEqual([]);
  });

  test('are all still needed', () => {
    expect(listed.filter((one) => !found.has(one)).sort()).toEqual([]);
  });

  test('are listed once, each for a reason', () => {
    expect(new Set(listed).size).toBe(listed.length);
    for (const { reason } of ALLOWED_WILDCARDS) {
      expect(reason).toMatch(/\w+ \w+ \w+/);
    }
  });
});

describe.each(names)('the roles of %s', (name) => {
  const all = statements(templatesOf(name)).filter(({ Effect }) => Effect === 'Allow');

  test('are never allowed all actions of a service', () => {
    expect(all.length).toBeGreaterThan(20);
    const whole = all.flatMap(({ where, Action }) =>
      Action.filter((action) => /^\*$|^[a-z0-9-]+:\*$/.test(action)).map((action) => `${where}: ${action}`),
    );
    expect(whole).toEqual([]);
  });

  test('write metrics to the namespace of the deployment alone', () => {
    const metrics = all.filter(({ Action }) => Action.includes('cloudwatch:PutMetricData'));
    expect(metrics.length).toBeGreaterThan(0);
    for (const { Condition } of metrics) {
      expect(Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': `iGrid/${DEPLOYMENTS[name]().name}` } });
    }
  });
});
