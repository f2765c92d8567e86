import { describe, expect, test } from '@jest/globals';

import { ALLOWED, RETAINED_IN_PROD } from '../../../tools/scan/allowed.ts';
import type { Candidate } from '../../../tools/scan/candidate.ts';
import { type Deployment, judge } from '../../../tools/scan/judge.ts';
import { prodTemplates } from '../../support/synth.ts';

const DEV: Deployment = { name: 'igrid', profile: 'dev', others: ['igrid', 'igrid-north', 'other'] };

const candidate = (over: Partial<Candidate>): Candidate => ({ type: 'AWS::X::Y', id: 'x', names: [], ...over });

describe('a candidate is of the deployment', () => {
  test.each([
    ['with its tag, whatever its name', { tags: { project: 'igrid' } }, 'left'],
    ['with its name', { names: ['igrid'] }, 'left'],
    ['with a name that begins with it and a dash', { names: ['igrid-network-vpc-1A'] }, 'left'],
    ["with a group's name that does, beside others", { names: ['default', 'igrid-emr-core'] }, 'left'],
  ])('%s', (_, over, expected) => {
    expect(judge(candidate(over), DEV).kind).toBe(expected);
  });
});

describe('a candidate belongs to something else', () => {
  test.each([
    ["with another's tag, whatever its name", { names: ['igrid-network-x'], tags: { project: 'other' } }],
    ['with a name that only starts like it', { names: ['igridiron'] }],
    ['with the name of a longer deployment beside it', { names: ['igrid-north-network-x', 'igrid-north'] }],
    ['with no name and no tag', {}],
  ])('%s', (_, over) => {
    expect(judge(candidate(over), DEV).kind).toBe('not ours');
  });
});

describe('what may stay', () => {
  test.each<[string, Partial<Candidate>]>([
    ["CDK's bootstrap", { type: 'AWS::CloudFormation::Stack', id: 'CDKToolkit' }],
    ["CDK's assets", { type: 'AWS::S3::Bucket', id: 'cdk-hnb659fds-assets-123456789012-eu-central-1' }],
    ['a service-linked role', { type: 'AWS::IAM::ServiceLinkedRole', id: 'AWSServiceRoleForKafka' }],
    ['a key that waits for its end', { type: 'AWS::KMS::Key', names: ['igrid'], state: 'PendingDeletion' }],
    ['a secret that does', { type: 'AWS::SecretsManager::Secret', names: ['igrid-a'], state: 'PendingDeletion' }],
    ['metrics', { type: 'CloudWatch metrics', names: ['igrid'] }],
  ])('is %s', (_, over) => {
    expect(judge(candidate(over), DEV)).toMatchObject({ kind: 'allowed', reason: expect.stringMatching(/.{20}/) });
  });

  test.each<[string, Partial<Candidate>]>([
    ['a key in use', { type: 'AWS::KMS::Key', names: ['igrid'], state: 'Enabled' }],
    ['a secret in use', { type: 'AWS::SecretsManager::Secret', names: ['igrid-a'] }],
    ['a stack of its own', { type: 'AWS::CloudFormation::Stack', names: ['igrid-network'], state: 'DELETE_FAILED' }],
    [
      'a log group that a function made again',
      { type: 'AWS::Logs::LogGroup', names: ['', 'aws', 'lambda', 'igrid-f'] },
    ],
    ['the data of a dev deployment', { type: 'AWS::MSK::Cluster', names: ['igrid'] }],
  ])('is not %s', (_, over) => {
    expect(judge(candidate(over), DEV).kind).toBe('left');
  });

  test("is not another deployment's key, even when it waits for its end", () => {
    const other = candidate({ type: 'AWS::KMS::Key', names: ['other'], state: 'PendingDeletion' });
    expect(judge(other, DEV).kind).toBe('not ours');
  });

  test('is five kinds by default, each for a reason of its own', () => {
    expect(ALLOWED).toHaveLength(5);
    expect(new Set(ALLOWED.map(({ reason }) => reason)).size).toBe(5);
  });
});

describe('prod', () => {
  test('keeps data on purpose, and nothing else', () => {
    const prod: Deployment = { ...DEV, profile: 'prod' };
    expect(judge(candidate({ type: 'AWS::MSK::Cluster', names: ['igrid'] }), prod)).toMatchObject({
      kind: 'allowed',
      reason: expect.stringContaining('on purpose'),
    });
    expect(judge(candidate({ type: 'AWS::EC2::NatGateway', names: ['igrid'] }), prod).kind).toBe('left');
  });

  test("keeps exactly the types that its templates retain, an MSK cluster's topics being inside of it", () => {
    const retained = prodTemplates()
      .resources()
      .filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'))
      .map(({ Type }) => Type)
      .filter((type) => type !== 'AWS::MSK::Topic');
    expect(Object.keys(RETAINED_IN_PROD).sort()).toEqual([...new Set(retained)].sort());
  });
});
