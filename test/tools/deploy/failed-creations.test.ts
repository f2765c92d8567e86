import {
  CloudFormationClient,
  DescribeStacksCommand,
  type StackStatus,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import { releaseFailedCreations } from '../../../tools/deploy/failed-creations.ts';

const REGION = { region: 'eu-central-1' };

let cloudFormation: AwsClientStub<CloudFormationClient>;
beforeEach(() => {
  cloudFormation = mockClient(CloudFormationClient);
  cloudFormation
    .on(DescribeStacksCommand)
    .rejects(Object.assign(new Error('Stack with id north-x does not exist'), { name: 'ValidationError' }));
  cloudFormation.on(UpdateTerminationProtectionCommand).resolves({});
});
afterEach(() => {
  cloudFormation.restore();
});

const stack = (StackName: string, StackStatus: StackStatus, EnableTerminationProtection: boolean) =>
  cloudFormation
    .on(DescribeStacksCommand, { StackName })
    .resolves({ Stacks: [{ StackName, CreationTime: new Date(0), StackStatus, EnableTerminationProtection }] });

const released = () =>
  cloudFormation.commandCalls(UpdateTerminationProtectionCommand).map(({ args: [{ input }] }) => input);

describe('before a deployment is tried again', () => {
  test.each(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'] as const)(
    'a stack in %s, which was never complete, is no longer protected from deletion',
    async (status) => {
      stack('north-network', 'CREATE_COMPLETE', true);
      stack('north-foundation', status, true);
      expect(await releaseFailedCreations({ name: 'north' }, REGION)).toEqual(['north-foundation']);
      expect(released()).toEqual([{ StackName: 'north-foundation', EnableTerminationProtection: false }]);
    },
  );

  test.each([
    'CREATE_COMPLETE',
    'UPDATE_COMPLETE',
    'UPDATE_ROLLBACK_COMPLETE',
    'UPDATE_ROLLBACK_FAILED',
    'DELETE_FAILED',
    'ROLLBACK_IN_PROGRESS',
  ] as const)('a stack in %s stays protected', async (status) => {
    stack('north-kafka', status, true);
    expect(await releaseFailedCreations({ name: 'north' }, REGION)).toEqual([]);
    expect(released()).toEqual([]);
  });

  test('an unprotected one is named and left as it is', async () => {
    stack('north-kafka', 'ROLLBACK_COMPLETE', false);
    expect(await releaseFailedCreations({ name: 'north' }, REGION)).toEqual(['north-kafka']);
    expect(released()).toEqual([]);
  });

  test('a refusal is not taken for a stack that is not there', async () => {
    cloudFormation
      .on(DescribeStacksCommand)
      .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDenied' }));
    await expect(releaseFailedCreations({ name: 'north' }, REGION)).rejects.toThrow('not authorized');
  });
});
