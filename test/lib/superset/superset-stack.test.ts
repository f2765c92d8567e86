import { describe, expect, test } from '@jest/globals';

import { allowedOn, settingNames, userData } from '../../support/host-stack.ts';
import { preset, prodTemplates } from '../../support/synth.ts';

describe('the Superset host', () => {
  test('reads its own secrets and no others', () => {
    expect(allowedOn(preset('seed'), 'superset', 'secretsmanager:GetSecretValue')).toEqual([
      expect.stringContaining('userssuperset'),
      expect.stringContaining('databasesupersetsecret'),
      expect.stringMatching(/^\{"Ref":"key/),
      expect.stringMatching(/^\{"Ref":"login/),
    ]);
  });

  test('has nothing to do with Kafka', () => {
    for (const action of ['kafka:GetBootstrapBrokers', 'kafka-cluster:Connect']) {
      expect(allowedOn(preset('seed'), 'superset', action)).toEqual([]);
    }
  });

  test('is told where its secrets are and none of them', () => {
    const names = settingNames(preset('seed'), 'superset');
    expect(names).toEqual(
      expect.arrayContaining(['DATABASE_SECRET_ARN', 'LOGIN_SECRET_ARN', 'DRUID_SECRET_ARN', 'DRUID_URL']),
    );
    expect(names.filter((name) => /PASSWORD|TOKEN|SECRET(?!_ARN$)/.test(name))).toEqual([]);
    expect(userData(preset('seed'), 'superset')).not.toContain('resolve:secretsmanager');
  });

  test('keeps the key of its stored connections, in prod, and nothing in dev', () => {
    const policies = (templates = preset('seed')): unknown[] =>
      templates
        .resources('AWS::SecretsManager::Secret')
        .filter(({ stack }) => stack === 'superset')
        .map(({ DeletionPolicy }) => DeletionPolicy);
    expect(policies()).toEqual(['Delete', 'Delete']);
    expect(policies(prodTemplates())).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate']);
  });

  test('is reached by a session of the operator alone', () => {
    const { Outputs } = preset('seed').part('superset');
    expect(JSON.stringify(Outputs.Superset)).toMatch(/portNumber=8088,localPortNumber=8088/);
    const open = preset('seed')
      .resources('AWS::EC2::SecurityGroupIngress')
      .filter(({ Properties }) => JSON.stringify(Properties.GroupId).includes('securitygroupssuperset'));
    expect(open).toEqual([]);
  });
});
