import { describe, expect, test } from '@jest/globals';

import { allowedOn, kafkaNames, settingNames, userData } from '../../support/host-stack.ts';
import { preset, prodTemplates } from '../../support/synth.ts';

describe('the Airflow host', () => {
  test('reads its own secrets and no others', () => {
    const secrets = allowedOn(preset('seed'), 'airflow', 'secretsmanager:GetSecretValue');
    expect(secrets).toEqual([
      expect.stringContaining('userscanary'),
      expect.stringContaining('usershistory'),
      expect.stringContaining('databaseairflowsecret'),
      expect.stringMatching(/^\{"Ref":"key/),
      expect.stringMatching(/^\{"Ref":"login/),
    ]);
  });

  test('may write history and the canary readings, in transactions of its own, and no other topic', () => {
    const templates = preset('seed');
    expect(kafkaNames(templates, 'airflow', 'WriteData')).toEqual(['history', 'powerraw']);
    expect(kafkaNames(templates, 'airflow', 'ReadData')).toEqual(['history', 'powerraw']);
    expect(kafkaNames(templates, 'airflow', 'AlterTransactionalId')).toEqual(['igrid-history*']);
    expect(kafkaNames(templates, 'airflow', 'AlterGroup')).toEqual(['igrid-history*']);
    expect(allowedOn(templates, 'airflow', 'kafka-cluster:WriteDataIdempotently')).toHaveLength(1);
  });

  test('is told where its secrets are and none of them', () => {
    const names = settingNames(preset('seed'), 'airflow');
    expect(names).toEqual(
      expect.arrayContaining(['DATABASE_SECRET_ARN', 'KEY_SECRET_ARN', 'DRUID_URL', 'CLUSTER_ARN', 'KAFKA_AUTH']),
    );
    expect(names.filter((name) => /PASSWORD|TOKEN|SECRET(?!_ARN$)/.test(name))).toEqual([]);
    expect(userData(preset('seed'), 'airflow')).not.toContain('resolve:secretsmanager');
  });

  test('keeps the key of what its database holds, in prod, and nothing in dev', () => {
    const policies = (templates = preset('seed')): unknown[] =>
      templates
        .resources('AWS::SecretsManager::Secret')
        .filter(({ stack }) => stack === 'airflow')
        .map(({ DeletionPolicy }) => DeletionPolicy);
    expect(policies()).toEqual(['Delete', 'Delete']);
    expect(policies(prodTemplates())).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate']);
  });

  test('is reached by a session of the operator alone', () => {
    const { Outputs } = preset('seed').part('airflow');
    expect(JSON.stringify(Outputs.Airflow)).toMatch(
      /ssm start-session .*AWS-StartPortForwardingSession .*portNumber=8080,localPortNumber=8080/,
    );
    const open = preset('seed')
      .resources('AWS::EC2::SecurityGroupIngress')
      .filter(({ Properties }) => JSON.stringify(Properties.GroupId).includes('securitygroupsairflow'));
    expect(open).toEqual([]);
  });
});
