/** Starts the streaming step again when EventBridge says that it failed; CANCELLED is never its business. */
import { EMRClient } from '@aws-sdk/client-emr';
import { SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';

import { environment } from '../../shared/environment.ts';
import { Cluster } from '../step-controller/cluster.ts';
import { RESTARTS_PER_HOUR, STATE_PARAMETER } from '../step-controller/names.ts';
import { readState } from '../step-controller/state.ts';
import { decide } from './decide.ts';

/** https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-cloudwatch-events.html */
const eventSchema = z.object({
  detail: z.object({ clusterId: z.string(), stepId: z.string(), state: z.literal('FAILED') }),
});

const emr = new EMRClient({});
const ssm = new SSMClient({});

export async function handler(event: unknown): Promise<void> {
  const { clusterId, stepId } = eventSchema.parse(event).detail;
  const cluster = new Cluster(emr, clusterId);
  const clusterIsAlive = await cluster.isAlive();
  const controller = await readState(ssm, environment(STATE_PARAMETER));
  const decision = decide({
    stepId,
    controller,
    clusterIsAlive,
    steps: clusterIsAlive ? await cluster.steps() : [],
    restartsPerHour: z.coerce.number().int().parse(environment(RESTARTS_PER_HOUR)),
    now: new Date(),
  });
  console.log(JSON.stringify({ event: 'step-failed', step: stepId, ...decision }));
  if (decision.kind === 'give-up') {
    // An error of this function is what the alarm watches.
    throw new Error(decision.reason);
  }
  if (decision.kind === 'restart') {
    await cluster.submit(controller.stepArguments);
  }
}
