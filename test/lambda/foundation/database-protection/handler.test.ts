import { CloudFormationClient, DescribeStacksCommand, type StackStatus } from '@aws-sdk/client-cloudformation';
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import { handle } from '../../../../lambda/foundation/database-protection/handler.ts';

const STACK = 'arn:aws:cloudformation:eu-central-1:123456789012:stack/north-foundation/1';

/** Properties as CloudFormation sends them: strings. */
const event = (RequestType: 'Create' | 'Update' | 'Delete', isProtected: boolean) => ({
  RequestType,
  ResourceProperties: { Instance: 'north-metadata', IsProtected: String(isProtected), Stack: STACK },
});

const missing = Object.assign(new Error('DBInstance north-metadata not found.'), { name: 'DBInstanceNotFoundFault' });

let rds: AwsClientStub<RDSClient>;
let cloudFormation: AwsClientStub<CloudFormationClient>;
/** The instance, as RDS has it. */
let instance: { DBInstanceStatus: string; DeletionProtection: boolean };

beforeEach(() => {
  rds = mockClient(RDSClient);
  cloudFormation = mockClient(CloudFormationClient);
  instance = { DBInstanceStatus: 'available', DeletionProtection: false };
  rds.on(DescribeDBInstancesCommand).callsFake(() => ({ DBInstances: [{ ...instance }] }));
  rds.on(ModifyDBInstanceCommand).callsFake(({ DeletionProtection }: { DeletionProtection: boolean }) => {
    instance.DeletionProtection = DeletionProtection;
    return {};
  });
});
afterEach(() => {
  rds.restore();
  cloudFormation.restore();
});

const stackIs = (StackStatus: StackStatus) =>
  cloudFormation
    .on(DescribeStacksCommand, { StackName: STACK })
    .resolves({ Stacks: [{ StackName: 'north-foundation', CreationTime: new Date(0), StackStatus }] });

describe("the database's protection", () => {
  test.each(['Create', 'Update'] as const)('is as the configuration says after %s', async (type) => {
    expect(await handle(event(type, true), 0)).toEqual({ PhysicalResourceId: 'north-metadata-protection' });
    expect(instance.DeletionProtection).toBe(true);
    await handle(event(type, false), 0);
    expect(instance.DeletionProtection).toBe(false);
  });

  test('goes when the creation of the stack is rolled back, so that the instance can go', async () => {
    instance.DeletionProtection = true;
    stackIs('ROLLBACK_IN_PROGRESS');
    await handle(event('Delete', true), 0);
    expect(instance.DeletionProtection).toBe(false);
  });

  test.each(['DELETE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'] as const)(
    'stays when its resource is deleted while the stack is in %s',
    async (status) => {
      instance.DeletionProtection = true;
      stackIs(status);
      await handle(event('Delete', true), 0);
      expect(instance.DeletionProtection).toBe(true);
    },
  );

  test('waits for an instance that is still making its first backup', async () => {
    instance.DBInstanceStatus = 'backing-up';
    rds
      .on(DescribeDBInstancesCommand)
      .resolvesOnce({ DBInstances: [{ ...instance }] })
      .callsFake(() => ({ DBInstances: [{ ...instance, DBInstanceStatus: 'available' }] }));
    await handle(event('Create', true), 0);
    expect(rds.commandCalls(ModifyDBInstanceCommand)).toHaveLength(1);
    expect(instance.DeletionProtection).toBe(true);
  });

  test('is no matter of an instance that is gone', async () => {
    rds.on(DescribeDBInstancesCommand).rejects(missing);
    stackIs('ROLLBACK_IN_PROGRESS');
    await expect(handle(event('Delete', true), 0)).resolves.toBeDefined();
  });

  test('fails with what RDS says', async () => {
    rds.on(ModifyDBInstanceCommand).rejects(new Error('not authorized to perform: rds:ModifyDBInstance'));
    await expect(handle(event('Create', true), 0)).rejects.toThrow('rds:ModifyDBInstance');
  });
});
