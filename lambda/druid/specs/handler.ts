/**
 * Custom resource: what Druid ingests. The host is told by a command of Systems Manager whose only parameters are the
 * key and the hash of an archive; what it needs beside, it reads itself. Deleting it suspends ingestion, if there is
 * still a host to do so.
 */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';

import { type Completion, parseRequest, type Request, type Response } from '../../shared/custom-resource.ts';
import { Host } from './host.ts';
import { ATTEMPTS, reconcile } from './reconcile.ts';

const propertiesSchema = z.object({
  DocumentName: z.string().min(1),
  /** Auto Scaling group of the host. */
  GroupName: z.string().min(1),
  /** Archive with what is to be ingested. */
  Key: z.string().min(1),
  Sha256: z.string().length(64),
  /** Archive that suspends ingestion. */
  SuspendKey: z.string().min(1),
  SuspendSha256: z.string().length(64),
});

type Properties = z.output<typeof propertiesSchema>;

const PHYSICAL_ID = 'druid-specs';

const clients = { autoScaling: new AutoScalingClient({}), ssm: new SSMClient({}) };

/** Notes when this began: commands of earlier requests are none of its business. */
export function onEvent(event: unknown): Promise<Response> {
  parseRequest(event, propertiesSchema);
  return Promise.resolve({ PhysicalResourceId: PHYSICAL_ID, Data: { RequestedAt: new Date().toISOString() } });
}

/** One look and at most one action; asked again until it answers yes. */
export function isComplete(event: unknown): Promise<Completion> {
  const request = parseRequest(event, propertiesSchema);
  const { GroupName: groupName, DocumentName: documentName } = request.properties;
  return bringAbout(request, new Host({ groupName, documentName }, clients), new Date());
}

/** @throws Error with what the host said last when it keeps failing. */
export async function bringAbout(
  { type, properties, data }: Request<Properties>,
  host: Pick<Host, 'instance' | 'commands' | 'send' | 'reason'>,
  now: Date,
): Promise<Completion> {
  const { RequestedAt } = z.object({ RequestedAt: z.coerce.date() }).parse(data);
  const parameters =
    type === 'Delete'
      ? { key: properties.SuspendKey, sha256: properties.SuspendSha256 }
      : { key: properties.Key, sha256: properties.Sha256 };
  // In whole seconds, which is what Systems Manager filters by.
  const requestedAt = new Date(Math.floor(RequestedAt.getTime() / 1_000) * 1_000);
  const instanceId = await host.instance();
  const commands = await host.commands(parameters, requestedAt);
  const action = reconcile({ type, instanceId, commands, requestedAt, now });
  console.log(JSON.stringify({ event: 'reconcile', type, instanceId, commands, ...action }));
  switch (action.kind) {
    case 'done':
      return { IsComplete: true };
    case 'send':
      if (instanceId !== undefined) {
        await host.send(instanceId, parameters);
      }
      return { IsComplete: false };
    case 'wait':
      return { IsComplete: false };
    case 'fail': {
      const newest = [...commands].sort((a, b) => b.requestedAt.getTime() - a.requestedAt.getTime())[0];
      const reason =
        newest && instanceId !== undefined
          ? await host.reason(newest.id, instanceId)
          : 'the host is not there any more';
      throw new Error(`the Druid host could not apply its specs in ${ATTEMPTS} attempts: ${reason}`);
    }
  }
}
