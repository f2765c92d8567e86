import { describe, expect, test } from '@jest/globals';

import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { statements, textOf } from '../../support/iam.ts';
import { templatesOf } from '../../support/synth.ts';

describe.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('the clients of Kafka in %s', (name) => {
  const allowed = statements(templatesOf(name)).filter(({ Effect }) => Effect === 'Allow');

  test("may ask for the brokers' addresses of any cluster: the action takes no resource", () => {
    const asking = allowed.filter(({ Action }) => Action.includes('kafka:GetBootstrapBrokers'));
    expect(asking.length).toBeGreaterThan(2);
    for (const { role, Resource } of asking) {
      expect({ role, Resource }).toEqual({ role, Resource: ['*'] });
    }
  });

  test('may connect to the one cluster, and use what is named below it', () => {
    const data = allowed.filter(({ Action }) => Action.some((action) => action.startsWith('kafka-cluster:')));
    expect(data.length).toBeGreaterThan(2);
    for (const { role, Resource } of data) {
      const resources = Resource.map(textOf);
      expect({ role, open: resources.filter((resource) => /^\*?$/.test(resource)) }).toEqual({ role, open: [] });
    }
  });
});
