/** The streaming step's two functions against answers as EMR and Systems Manager give them. */
import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  DescribeClusterCommand,
  EMRClient,
  ListStepsCommand,
  type StepSummary,
} from '@aws-sdk/client-emr';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

import { Cluster } from '../../../lambda/spark/step-controller/cluster.ts';
import { isComplete, onEvent } from '../../../lambda/spark/step-controller/handler.ts';
import { handler as restart } from '../../../lambda/spark/step-restarter/handler.ts';

const LONG_AGO = new Date(Date.now() - 3_600_000);

const summary = (Id: string, State: 'RUNNING' | 'FAILED' | 'PENDING', Args: string[], Name = 'spark'): StepSummary => ({
  Id,
  Name,
  Config: { Jar: 'command-runner.jar', Args },
  Status: {
    State,
    Timeline: { CreationDateTime: LONG_AGO, StartDateTime: LONG_AGO },
    ...(State === 'FAILED' ? { FailureDetails: { Reason: 'Unknown Error.', LogFile: 's3://logs/s-1/' } } : {}),
  },
});

/** As EMR answers for an id that it no longer has. */
const unknownCluster = Object.assign(new Error("Cluster id 'j-1' is not valid."), { name: 'InvalidRequestException' });
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });

let emr: AwsClientStub<EMRClient>;
let ssm: AwsClientStub<SSMClient>;
beforeEach(() => {
  emr = mockClient(EMRClient);
  ssm = mockClient(SSMClient);
  emr.on(DescribeClusterCommand).resolves({ Cluster: { Id: 'j-1', Status: { State: 'RUNNING' } } });
  emr.on(AddJobFlowStepsCommand).resolves({ StepIds: ['s-9'] });
  emr.on(CancelStepsCommand).resolves({ CancelStepsInfoList: [] });
  ssm.on(PutParameterCommand).resolves({ Version: 1 });
  process.env.STATE_PARAMETER = 'CFN-state';
  process.env.RESTARTS_PER_HOUR = '2';
  jest.spyOn(console, 'log').mockReturnValue();
});
afterEach(() => {
  emr.restore();
  ssm.restore();
  jest.restoreAllMocks();
});

describe("EMR's cluster", () => {
  const cluster = (): Cluster => new Cluster(new EMRClient({ region: 'eu-central-1' }), 'j-1');

  test.each([
    ['RUNNING', true],
    ['WAITING', true],
    ['TERMINATING', false],
    ['TERMINATED_WITH_ERRORS', false],
  ] as const)('in state %s lives: %s', async (State, expected) => {
    emr.on(DescribeClusterCommand).resolves({ Cluster: { Status: { State } } });
    expect(await cluster().isAlive()).toBe(expected);
  });

  test('that EMR no longer knows is dead; any other error is not taken for that', async () => {
    emr.on(DescribeClusterCommand).rejects(unknownCluster);
    expect(await cluster().isAlive()).toBe(false);
    emr.on(DescribeClusterCommand).rejects(throttled);
    await expect(cluster().isAlive()).rejects.toThrow('Rate exceeded');
  });

  test("lists the job's own steps of all pages, with why one failed", async () => {
    emr
      .on(ListStepsCommand)
      .resolvesOnce({ Steps: [summary('s-3', 'RUNNING', ['new'])], Marker: 'more' })
      .resolvesOnce({ Steps: [summary('s-2', 'RUNNING', [], 'by hand'), summary('s-1', 'FAILED', ['old'])] });
    const steps = await cluster().steps();
    expect(steps.map(({ id, state }) => [id, state])).toEqual([
      ['s-3', 'RUNNING'],
      ['s-1', 'FAILED'],
    ]);
    expect(steps[1]?.failure).toContain('s3://logs/s-1/');
  });

  test('gets a step that leaves it alone when it fails', async () => {
    await cluster().submit(['bash', 'x']);
    expect(emr.commandCalls(AddJobFlowStepsCommand)[0]?.args[0].input).toMatchObject({
      JobFlowId: 'j-1',
      Steps: [{ ActionOnFailure: 'CONTINUE', HadoopJarStep: { Jar: 'command-runner.jar', Args: ['bash', 'x'] } }],
    });
  });
});

describe('cancelling steps', () => {
  const cancel = (): Promise<void> =>
    new Cluster(new EMRClient({ region: 'eu-central-1' }), 'j-1').cancel(['s-1', 's-2'], 'TERMINATE_PROCESS');
  const refuse = (StepId: string, Reason?: string) => ({
    StepId,
    Status: 'FAILED' as const,
    ...(Reason && { Reason }),
  });

  test('is done when EMR has taken every one', async () => {
    emr.on(CancelStepsCommand).resolves({
      CancelStepsInfoList: [
        { StepId: 's-1', Status: 'SUBMITTED' },
        { StepId: 's-2', Status: 'SUBMITTED' },
      ],
    });
    await expect(cancel()).resolves.toBeUndefined();
    expect(emr.commandCalls(ListStepsCommand)).toHaveLength(0);
  });

  test("fails with EMR's reason when it refuses one that runs on", async () => {
    emr.on(CancelStepsCommand).resolves({
      CancelStepsInfoList: [{ StepId: 's-1', Status: 'SUBMITTED' }, refuse('s-2', 'Step cannot be cancelled.')],
    });
    emr.on(ListStepsCommand).resolves({ Steps: [summary('s-2', 'RUNNING', ['job']), summary('s-1', 'RUNNING', [])] });
    await expect(cancel()).rejects.toThrow(
      'EMR refuses to cancel steps of j-1 (TERMINATE_PROCESS): s-2: Step cannot be cancelled.',
    );
  });

  test('does not mind a step that has ended meanwhile', async () => {
    emr.on(CancelStepsCommand).resolves({ CancelStepsInfoList: [refuse('s-2', 'Step is not active.')] });
    emr.on(ListStepsCommand).resolves({ Steps: [summary('s-2', 'FAILED', ['job'])] });
    await expect(cancel()).resolves.toBeUndefined();
  });
});

describe("the controller's handlers", () => {
  const event = (RequestType: string) => ({
    RequestType,
    ResourceProperties: { ClusterId: 'j-1', StepArguments: ['new'] },
    Data: { RequestedAt: new Date(Date.now() - 1_000).toISOString() },
  });

  test('lock the restarter out before anything else, under one physical id', async () => {
    expect(await onEvent(event('Update'))).toMatchObject({ PhysicalResourceId: 'spark' });
    expect(ssm.commandCalls(PutParameterCommand)[0]?.args[0].input).toMatchObject({
      Name: 'CFN-state',
      Value: JSON.stringify({ phase: 'changing', stepArguments: ['new'] }),
    });
  });

  test('interrupt the old step, and let the restarter in again only once the new one runs', async () => {
    emr.on(ListStepsCommand).resolves({ Steps: [summary('s-1', 'RUNNING', ['old'])] });
    expect(await isComplete(event('Update'))).toEqual({ IsComplete: false });
    expect(emr.commandCalls(CancelStepsCommand)[0]?.args[0].input).toEqual({
      ClusterId: 'j-1',
      StepIds: ['s-1'],
      StepCancellationOption: 'SEND_INTERRUPT',
    });
    expect(ssm.commandCalls(PutParameterCommand)).toHaveLength(0);
    emr.on(ListStepsCommand).resolves({ Steps: [summary('s-2', 'RUNNING', ['new'])] });
    expect(await isComplete(event('Update'))).toEqual({ IsComplete: true });
    expect(ssm.commandCalls(PutParameterCommand)[0]?.args[0].input.Value).toContain('"phase":"steady"');
  });

  test('delete although the cluster is gone', async () => {
    emr.on(DescribeClusterCommand).rejects(unknownCluster);
    expect(await isComplete(event('Delete'))).toEqual({ IsComplete: true });
    expect(emr.commandCalls(ListStepsCommand)).toHaveLength(0);
  });

  test('fail on an event that is none of theirs, naming what is wrong', async () => {
    await expect(onEvent({ RequestType: 'Create', ResourceProperties: { ClusterId: '' } })).rejects.toThrow(
      /ClusterId/,
    );
  });

  test('fail when the function was not told where its state is', async () => {
    delete process.env.STATE_PARAMETER;
    await expect(onEvent(event('Create'))).rejects.toThrow('STATE_PARAMETER is not set');
  });
});

describe('the restarter', () => {
  const failed = { detail: { clusterId: 'j-1', stepId: 's-1', state: 'FAILED' } };
  const stateIs = (value: string) => ssm.on(GetParameterCommand).resolves({ Parameter: { Value: value } });
  beforeEach(() => {
    stateIs('{"phase":"steady","stepArguments":["job"]}');
    emr.on(ListStepsCommand).resolves({ Steps: [summary('s-1', 'FAILED', ['job'])] });
  });

  test('submits the step that should run', async () => {
    await restart(failed);
    expect(emr.commandCalls(AddJobFlowStepsCommand)[0]?.args[0].input.Steps?.[0]?.HadoopJarStep?.Args).toEqual(['job']);
  });

  test('submits nothing while a deployment changes the step', async () => {
    stateIs('{"phase":"changing","stepArguments":["job"]}');
    await restart(failed);
    expect(emr.commandCalls(AddJobFlowStepsCommand)).toHaveLength(0);
  });

  test('refuses an event of a cancelled step', async () => {
    await expect(restart({ detail: { ...failed.detail, state: 'CANCELLED' } })).rejects.toThrow();
  });

  test('fails, which raises the alarm, when the cluster has ended', async () => {
    emr.on(DescribeClusterCommand).rejects(unknownCluster);
    await expect(restart(failed)).rejects.toThrow('the EMR cluster has ended');
  });

  test('fails on a state that the controller did not write', async () => {
    stateIs('{"phase":"resting"}');
    await expect(restart(failed)).rejects.toThrow();
    expect(emr.commandCalls(AddJobFlowStepsCommand)).toHaveLength(0);
  });
});
