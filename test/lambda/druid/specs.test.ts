import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';

import { bringAbout, onEvent } from '../../../lambda/druid/specs/handler.ts';
import { Host } from '../../../lambda/druid/specs/host.ts';
import {
  ATTEMPTS,
  type Command,
  DELETE_PATIENCE_MS,
  reconcile,
  type Situation,
} from '../../../lambda/druid/specs/reconcile.ts';

const REQUESTED = new Date('2026-01-01T00:00:00Z');
const later = (ms: number): Date => new Date(REQUESTED.getTime() + ms);

const command = (status: string, atMs = 1_000): Command => ({ id: `c-${atMs}`, status, requestedAt: later(atMs) });

const situation = (over: Partial<Situation>): Situation => ({
  type: 'Create',
  instanceId: 'i-1',
  commands: [],
  requestedAt: REQUESTED,
  now: later(60_000),
  ...over,
});

describe('the controller of Druid specs', () => {
  test('sends the host one command, and waits for it', () => {
    expect(reconcile(situation({}))).toEqual({ kind: 'send' });
    expect(reconcile(situation({ commands: [command('InProgress')] }))).toEqual({ kind: 'wait' });
    expect(reconcile(situation({ commands: [command('Success')] }))).toEqual({ kind: 'done' });
  });

  test('waits for a host that is not registered yet', () => {
    expect(reconcile(situation({ instanceId: undefined }))).toEqual({ kind: 'wait' });
  });

  test('sends a failed command again, and gives up after some attempts', () => {
    const failures = Array.from({ length: ATTEMPTS }, (_, index) => command('Failed', index));
    expect(reconcile(situation({ commands: failures.slice(1) }))).toEqual({ kind: 'send' });
    expect(reconcile(situation({ commands: failures }))).toEqual({ kind: 'fail' });
  });

  test('believes the newest command, whatever their order', () => {
    const commands = [command('Success', 2_000), command('TimedOut', 1_000)];
    expect(reconcile(situation({ commands }))).toEqual({ kind: 'done' });
    expect(reconcile(situation({ commands: commands.toReversed() }))).toEqual({ kind: 'done' });
  });

  test('never keeps a stack from going: a dead, failing or silent host is let be', () => {
    const type = 'Delete';
    expect(reconcile(situation({ type }))).toEqual({ kind: 'send' });
    expect(reconcile(situation({ type, instanceId: undefined }))).toEqual({ kind: 'done' });
    expect(reconcile(situation({ type, commands: [command('Failed')] }))).toEqual({ kind: 'done' });
    const commands = [command('Pending')];
    expect(reconcile(situation({ type, commands }))).toEqual({ kind: 'wait' });
    expect(reconcile(situation({ type, commands, now: later(DELETE_PATIENCE_MS + 1) }))).toEqual({ kind: 'done' });
  });

  test('has at most one command under way, in any situation', () => {
    const anyCommand = fc
      .record({
        status: fc.constantFrom('Pending', 'InProgress', 'Success', 'Failed', 'TimedOut', 'Cancelled'),
        atMs: fc.integer({ min: 0, max: 100_000 }),
      })
      .map(({ status, atMs }) => command(status, atMs));
    const anySituation = fc.record({
      type: fc.constantFrom('Create' as const, 'Update' as const, 'Delete' as const),
      instanceId: fc.constantFrom('i-1', undefined),
      commands: fc.array(anyCommand, { maxLength: 5 }),
      requestedAt: fc.constant(REQUESTED),
      now: fc.integer({ min: 0, max: 1_000_000 }).map(later),
    });
    fc.assert(
      fc.property(anySituation, (one) => {
        const { kind } = reconcile(one);
        const [newest] = one.commands.toSorted((a, b) => b.requestedAt.getTime() - a.requestedAt.getTime());
        if (kind === 'send') {
          expect(one.instanceId).toBeDefined();
          expect(['Pending', 'InProgress', 'Success']).not.toContain(newest?.status);
          expect(one.commands.length).toBeLessThan(ATTEMPTS);
        }
        if (kind === 'done' && one.type !== 'Delete') {
          expect(newest?.status).toBe('Success');
        }
      }),
    );
  });
});

describe('with AWS', () => {
  const ssm = mockClient(SSMClient);
  const autoScaling = mockClient(AutoScalingClient);
  const RUNNING = { Key: 'a.tar', Sha256: 'a'.repeat(64) };
  const SUSPENDED = { Key: 'b.tar', Sha256: 'b'.repeat(64) };
  const properties = {
    DocumentName: 'igrid-druid-document',
    GroupName: 'igrid-druid-group',
    ...RUNNING,
    SuspendKey: SUSPENDED.Key,
    SuspendSha256: SUSPENDED.Sha256,
  };
  const host = new Host(
    { groupName: properties.GroupName, documentName: properties.DocumentName },
    { autoScaling: new AutoScalingClient({}), ssm: new SSMClient({}) },
  );
  const ask = (type: 'Create' | 'Update' | 'Delete' = 'Create') =>
    bringAbout(
      {
        ...{ type, properties, oldProperties: {}, physicalResourceId: 'druid-specs' },
        data: { RequestedAt: REQUESTED.toISOString() },
      },
      host,
      later(60_000),
    );
  /** As ListCommands describes a command. */
  const listed = (Status: 'Success' | 'Failed' | 'InProgress', parameters = RUNNING, atMs = 5_000) => ({
    CommandId: `c-${atMs}`,
    Status,
    RequestedDateTime: later(atMs),
    Parameters: { Key: [parameters.Key], Sha256: [parameters.Sha256] },
  });

  beforeEach(() => {
    ssm.reset();
    autoScaling.reset();
    autoScaling.on(DescribeAutoScalingGroupsCommand).resolves({
      AutoScalingGroups: [
        {
          ...{ AutoScalingGroupName: properties.GroupName, MinSize: 1, MaxSize: 1, DesiredCapacity: 1 },
          ...{ DefaultCooldown: 300, AvailabilityZones: ['eu-central-1a'], HealthCheckType: 'EC2' },
          CreatedTime: REQUESTED,
          Instances: [
            {
              ...{ InstanceId: 'i-old', LifecycleState: 'Terminating', AvailabilityZone: 'eu-central-1a' },
              ...{ HealthStatus: 'Unhealthy', ProtectedFromScaleIn: false },
            },
            {
              ...{ InstanceId: 'i-1', LifecycleState: 'InService', AvailabilityZone: 'eu-central-1a' },
              ...{ HealthStatus: 'Healthy', ProtectedFromScaleIn: false },
            },
          ],
        },
      ],
    });
    ssm.on(DescribeInstanceInformationCommand).resolves({
      InstanceInformationList: [{ InstanceId: 'i-1', PingStatus: 'Online' }],
    });
    ssm.on(ListCommandsCommand).resolves({ Commands: [] });
    ssm.on(SendCommandCommand).resolves({});
  });

  const sent = () => ssm.commandCalls(SendCommandCommand).map(({ args: [{ input }] }) => input);

  test('sends the key and the hash of an archive, and nothing else', async () => {
    await expect(ask()).resolves.toEqual({ IsComplete: false });
    expect(sent()).toEqual([
      {
        DocumentName: properties.DocumentName,
        InstanceIds: ['i-1'],
        Parameters: { Key: [RUNNING.Key], Sha256: [RUNNING.Sha256] },
        TimeoutSeconds: 120,
      },
    ]);
  });

  test('is done with the success of a command of this request, not with that of an earlier one or of another archive', async () => {
    ssm.on(ListCommandsCommand).resolves({
      Commands: [listed('Success', RUNNING, -1_000), listed('Success', SUSPENDED)],
    });
    await expect(ask()).resolves.toEqual({ IsComplete: false });
    expect(sent()).toHaveLength(1);
    ssm
      .on(ListCommandsCommand)
      .resolvesOnce({ Commands: [listed('Failed', RUNNING, 1_000)], NextToken: 'more' })
      .resolves({ Commands: [listed('Success')] });
    await expect(ask()).resolves.toEqual({ IsComplete: true });
  });

  test('waits for a host whose agent is not heard of', async () => {
    ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] });
    await expect(ask()).resolves.toEqual({ IsComplete: false });
    ssm.on(DescribeInstanceInformationCommand).resolves({
      InstanceInformationList: [{ InstanceId: 'i-1', PingStatus: 'ConnectionLost' }],
    });
    await expect(ask()).resolves.toEqual({ IsComplete: false });
    expect(sent()).toEqual([]);
  });

  test('fails with what the host said last', async () => {
    ssm.on(ListCommandsCommand).resolves({
      Commands: [1_000, 2_000, 3_000].map((atMs) => listed('Failed', RUNNING, atMs)),
    });
    ssm.on(GetCommandInvocationCommand, { CommandId: 'c-3000', InstanceId: 'i-1' }).resolves({
      StatusDetails: 'Failed',
      StandardErrorContent:
        'apply-specs: the supervisor of powerraw did not come up\nfailed to run commands: exit status 1\n',
    });
    await expect(ask('Update')).rejects.toThrow(
      'could not apply its specs in 3 attempts: Failed: apply-specs: the supervisor of powerraw did not come up',
    );
  });

  test('suspends ingestion when it is deleted, and lets a group be that is gone', async () => {
    await expect(ask('Delete')).resolves.toEqual({ IsComplete: false });
    expect(sent()[0]?.Parameters).toEqual({ Key: [SUSPENDED.Key], Sha256: [SUSPENDED.Sha256] });
    autoScaling.on(DescribeAutoScalingGroupsCommand).resolves({ AutoScalingGroups: [] });
    await expect(ask('Delete')).resolves.toEqual({ IsComplete: true });
  });

  test('keeps one physical id, and names a wrong property', async () => {
    const event = { RequestType: 'Create', ResourceProperties: properties };
    await expect(onEvent(event)).resolves.toMatchObject({ PhysicalResourceId: 'druid-specs' });
    const wrong = { ...event, ResourceProperties: { ...properties, Sha256: 'short' } };
    expect(() => onEvent(wrong)).toThrow('Sha256');
  });
});
