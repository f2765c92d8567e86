/**
 * Custom resource: the streaming step of an EMR cluster. CloudFormation's own AWS::EMR::Step replaces a step by starting
 * the new one before the old one is gone, and so puts two writers on one checkpoint; here an update cancels, waits until
 * the old step is gone, and submits on the same checkpoint. The physical id never changes.
 */
import { EMRClient } from '@aws-sdk/client-emr';
import { SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';

import { type Completion, parseRequest, type Request, type Response } from '../../shared/custom-resource.ts';
import { environment } from '../../shared/environment.ts';
import { Cluster } from './cluster.ts';
import { STATE_PARAMETER, STEP_NAME } from './names.ts';
import { reconcile } from './reconcile.ts';
import { writeState } from './state.ts';

const propertiesSchema = z.object({
  ClusterId: z.string().min(1),
  /** Arguments of command-runner.jar; they name the job's archive by its hash, so a changed job is a changed step. */
  StepArguments: z.array(z.string()).min(1),
});

type Properties = z.output<typeof propertiesSchema>;

const emr = new EMRClient({});
const ssm = new SSMClient({});

/** Begins: from here on nothing else may start a step. */
export async function onEvent(event: unknown): Promise<Response> {
  const { properties } = parseRequest(event, propertiesSchema);
  await writeState(ssm, environment(STATE_PARAMETER), {
    phase: 'changing',
    stepArguments: properties.StepArguments,
  });
  return { PhysicalResourceId: STEP_NAME, Data: { RequestedAt: new Date().toISOString() } };
}

/** One look and at most one action; asked again until it answers yes. */
export async function isComplete(event: unknown): Promise<Completion> {
  const request = parseRequest(event, propertiesSchema);
  return bringAbout(
    request,
    (clusterId) => new Cluster(emr, clusterId),
    new Date(),
    () =>
      writeState(ssm, environment(STATE_PARAMETER), {
        phase: 'steady',
        stepArguments: request.properties.StepArguments,
      }),
  );
}

type Steps = Pick<Cluster, 'isAlive' | 'steps' | 'submit' | 'cancel'>;

/** @param onSteady called once the desired step runs. */
export async function bringAbout(
  request: Request<Properties>,
  clusterOf: (id: string) => Steps,
  now: Date,
  onSteady: () => Promise<void>,
): Promise<Completion> {
  const { ClusterId: clusterId, StepArguments: stepArguments } = request.properties;
  const { RequestedAt } = z.object({ RequestedAt: z.coerce.date() }).parse(request.data);
  const { ClusterId: oldClusterId } = z.object({ ClusterId: z.string().optional() }).parse(request.oldProperties);

  // A replaced cluster goes only after the update: until its step is gone, nothing may start on the same checkpoint.
  if (request.type === 'Update' && oldClusterId !== undefined && oldClusterId !== clusterId) {
    const isGone = await advance(clusterOf(oldClusterId), undefined, RequestedAt, now);
    if (!isGone) {
      return { IsComplete: false };
    }
  }
  const desired = request.type === 'Delete' ? undefined : stepArguments;
  const isDone = await advance(clusterOf(clusterId), desired, RequestedAt, now);
  if (isDone && desired) {
    await onSteady();
  }
  return { IsComplete: isDone };
}

/** One look at a cluster and at most one action; true once it is as desired. */
async function advance(
  cluster: Steps,
  desired: readonly string[] | undefined,
  requestedAt: Date,
  now: Date,
): Promise<boolean> {
  const clusterIsAlive = await cluster.isAlive();
  const steps = clusterIsAlive ? await cluster.steps() : [];
  const action = reconcile({ desired, clusterIsAlive, steps, requestedAt, now });
  console.log(JSON.stringify({ event: 'reconcile', ...action }));
  switch (action.kind) {
    case 'fail':
      throw new Error(action.reason);
    case 'cancel':
      await cluster.cancel(action.stepIds, action.kill ? 'TERMINATE_PROCESS' : 'SEND_INTERRUPT');
      return false;
    case 'submit':
      await cluster.submit(desired ?? []);
      return false;
    case 'wait':
      return false;
    case 'done':
      return true;
  }
}
