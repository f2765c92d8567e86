import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import { findPlace, mustBeBootstrapped } from '../../../lib/deployment/preflight.ts';
import { contextArguments, deployArguments } from '../../../lib/deployment/selection.ts';

const PLACE = { account: '123456789012', region: 'eu-central-1' };

describe('before a deployment', () => {
  let sts: AwsClientStub<STSClient>;
  let ssm: AwsClientStub<SSMClient>;
  beforeEach(() => {
    sts = mockClient(STSClient);
    ssm = mockClient(SSMClient);
    sts.on(GetCallerIdentityCommand).resolves({ Account: PLACE.account });
  });
  afterEach(() => {
    sts.restore();
    ssm.restore();
  });

  test('the account is that of the credentials, the region that of the configuration', async () => {
    expect(await findPlace(PLACE)).toEqual(PLACE);
    expect(await findPlace({ region: 'eu-central-1' })).toEqual(PLACE);
  });

  test('credentials of another account are refused', async () => {
    await expect(findPlace({ ...PLACE, account: '999999999999' })).rejects.toThrow(
      'the credentials belong to account 123456789012, the configuration names 999999999999',
    );
  });

  test('no credentials are one line that says how to get some', async () => {
    sts.on(GetCallerIdentityCommand).rejects(new Error('Could not load credentials\nfrom any providers'));
    await expect(findPlace(PLACE)).rejects.toThrow(
      /^there are no valid AWS credentials: log in .*AWS_PROFILE \([^\n]*\)$/,
    );
  });

  test('a region that CDK knows is ready', async () => {
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '30' } });
    await expect(mustBeBootstrapped(PLACE)).resolves.toBeUndefined();
  });

  test('a region without its bootstrap is one line with the command that makes it', async () => {
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error(''), { name: 'ParameterNotFound' }));
    await expect(mustBeBootstrapped(PLACE)).rejects.toThrow(
      'run "npx cdk bootstrap aws://123456789012/eu-central-1" once',
    );
  });

  test('what the role may not read is said as such', async () => {
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error('denied'), { name: 'AccessDeniedException' }));
    await expect(mustBeBootstrapped(PLACE)).rejects.toThrow(/can't read .*: denied/);
  });
});

test('a deployment looks at every stack: a weak reference to a stack that was created again goes stale otherwise', () => {
  const settings = { selection: { preset: 'dev' }, yes: false, more: ['--verbose'] };
  expect(deployArguments(settings)).toEqual(['deploy', '--all', '--force', '-c', 'preset=dev', '--verbose']);
  expect(deployArguments({ ...settings, yes: true })).toContain('never');
});

test('the CDK CLI is told of the same deployment, wherever it runs', () => {
  expect(contextArguments({ preset: 'dev' })).toEqual(['-c', 'preset=dev']);
  expect(contextArguments({ preset: 'dev', config: 'a.json' })).toEqual([
    ...['-c', 'preset=dev', '-c', `config=${process.cwd()}/a.json`],
  ]);
});
