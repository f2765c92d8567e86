/**
 * The retained network interface: Druid's address outlives its host. A host takes it at each start; it never takes it
 * from a host that lives.
 */
import {
  AttachNetworkInterfaceCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';

import { until } from '../../core/clock/until.ts';

/** The interface as it stands. */
export interface InterfaceState {
  /** `available`, `in-use`, or one on its way to either. */
  readonly status: string;
  /** What it is attached to; absent when it is not. */
  readonly attachment?: {
    readonly id: string;
    readonly instanceId: string;
    /** `attaching`, `attached`, `detaching`, `detached`. */
    readonly status: string;
    /** e.g. `running`; `terminated` also when EC2 knows nothing of the instance any more. */
    readonly instanceState: string;
  };
}

export type Action =
  | { readonly kind: 'attach' }
  | { readonly kind: 'detach'; readonly attachmentId: string }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'done' };

/** Instances in these states run nothing any more. */
const DEAD = new Set(['shutting-down', 'terminated', 'stopping', 'stopped']);

/** What brings the interface a step closer to `instanceId`. */
export function nextAction(state: InterfaceState, instanceId: string): Action {
  const { status, attachment } = state;
  if (attachment === undefined) {
    return status === 'available' ? { kind: 'attach' } : { kind: 'wait', why: `it is ${status}` };
  }
  if (attachment.status === 'detaching') {
    return { kind: 'wait', why: `it is being detached from ${attachment.instanceId}` };
  }
  if (attachment.instanceId === instanceId) {
    return attachment.status === 'attached' ? { kind: 'done' } : { kind: 'wait', why: `it is ${attachment.status}` };
  }
  return DEAD.has(attachment.instanceState)
    ? { kind: 'detach', attachmentId: attachment.id }
    : { kind: 'wait', why: `${attachment.instanceId}, which is ${attachment.instanceState}, has it` };
}

/** Index of the interface on the instance: 0 is the one that it starts with. */
const DEVICE_INDEX = 1;

const POLL_MS = 5_000;

type Client = Pick<EC2Client, 'send'>;

/**
 * Attaches the interface to this instance; waits for one that lives to let go of it.
 *
 * @returns its MAC address, by which the system knows it.
 * @throws Error with what was waited for, after `patienceMs`.
 */
export async function takeInterface(
  ec2: Client,
  networkInterfaceId: string,
  instanceId: string,
  { patienceMs, pollMs = POLL_MS }: { patienceMs: number; pollMs?: number },
): Promise<string> {
  let why = 'it has not been looked at';
  let mac = '';
  const step = async (): Promise<boolean> => {
    const state = await describe(ec2, networkInterfaceId);
    const action = nextAction(state, instanceId);
    mac = state.mac;
    switch (action.kind) {
      case 'done':
        return true;
      case 'wait':
        why = action.why;
        return false;
      case 'detach':
        why = 'it is being taken from a dead instance';
        await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId: action.attachmentId, Force: true }));
        return false;
      case 'attach':
        why = 'it is being attached';
        await ec2.send(
          new AttachNetworkInterfaceCommand({
            NetworkInterfaceId: networkInterfaceId,
            InstanceId: instanceId,
            DeviceIndex: DEVICE_INDEX,
          }),
        );
        return false;
    }
  };
  const deadline = Date.now() + patienceMs;
  let refusal: unknown;
  const tolerant = async (): Promise<boolean> => {
    try {
      return await step();
    } catch (error) {
      // Between a look and an action the interface may have moved on; what stays wrong is told in the end.
      refusal = error;
      return false;
    }
  };
  await until(tolerant, {
    intervalMs: pollMs,
    timeoutMs: Math.max(0, deadline - Date.now()),
    otherwise: () =>
      new Error(
        `the network interface ${networkInterfaceId} could not be attached: ${why}` +
          (refusal instanceof Error ? ` (${refusal.message})` : ''),
        { cause: refusal },
      ),
  });
  return mac;
}

const attachmentSchema = z.object({
  AttachmentId: z.string(),
  InstanceId: z.string().optional(),
  Status: z.string(),
});

async function describe(ec2: Client, id: string): Promise<InterfaceState & { mac: string }> {
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  const [found] = z
    .array(z.object({ Status: z.string(), MacAddress: z.string(), Attachment: attachmentSchema.optional() }))
    .parse(NetworkInterfaces ?? []);
  if (!found) {
    throw new Error(`there is no network interface ${id}`);
  }
  const { Status: status, MacAddress: mac, Attachment: attachment } = found;
  if (attachment?.InstanceId === undefined || attachment.Status === 'detached') {
    return { mac, status };
  }
  return {
    mac,
    status,
    attachment: {
      id: attachment.AttachmentId,
      instanceId: attachment.InstanceId,
      status: attachment.Status,
      instanceState: await instanceState(ec2, attachment.InstanceId),
    },
  };
}

const reservationsSchema = z.array(
  z.object({ Instances: z.array(z.object({ State: z.object({ Name: z.string() }) })).optional() }),
);

/** By a filter: EC2 answers a question for an id that it has forgotten with an error. */
async function instanceState(ec2: Client, id: string): Promise<string> {
  const { Reservations } = await ec2.send(
    new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [id] }] }),
  );
  return reservationsSchema.parse(Reservations ?? [])[0]?.Instances?.[0]?.State.Name ?? 'terminated';
}
