/** The Druid host as Auto Scaling and Systems Manager know it. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandsCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { z } from 'zod';

import type { Command } from './reconcile.ts';

/** The document's parameters. */
export interface Parameters {
  readonly key: string;
  readonly sha256: string;
}

/** How long Systems Manager may take to reach the host's agent, s; the document bounds the run itself. */
const DELIVERY_TIMEOUT_S = 120;

export class Host {
  readonly #groupName: string;
  readonly #documentName: string;
  readonly #autoScaling: Pick<AutoScalingClient, 'send'>;
  readonly #ssm: Pick<SSMClient, 'send'>;

  constructor(
    { groupName, documentName }: { groupName: string; documentName: string },
    clients: { autoScaling: Pick<AutoScalingClient, 'send'>; ssm: Pick<SSMClient, 'send'> },
  ) {
    this.#groupName = groupName;
    this.#documentName = documentName;
    this.#autoScaling = clients.autoScaling;
    this.#ssm = clients.ssm;
  }

  /** The instance in service whose agent is heard of; undefined while there is none. */
  async instance(): Promise<string | undefined> {
    const { AutoScalingGroups } = await this.#autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.#groupName] }),
    );
    const [group] = groupsSchema.parse(AutoScalingGroups ?? []);
    const id = group?.Instances.find(({ LifecycleState }) => LifecycleState === 'InService')?.InstanceId;
    if (id === undefined) {
      return undefined;
    }
    const { InstanceInformationList } = await this.#ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [id] }] }),
    );
    const [agent] = agentsSchema.parse(InstanceInformationList ?? []);
    return agent?.PingStatus === 'Online' ? id : undefined;
  }

  /** Commands with these parameters since a moment. */
  async commands(parameters: Parameters, since: Date): Promise<readonly Command[]> {
    const found: Command[] = [];
    let token: string | undefined;
    do {
      const page = await this.#ssm.send(
        new ListCommandsCommand({
          Filters: [
            // In whole seconds, which is all that it takes.
            { key: 'InvokedAfter', value: since.toISOString().replace(/\.\d+Z$/, 'Z') },
            { key: 'DocumentName', value: this.#documentName },
          ],
          NextToken: token,
        }),
      );
      for (const command of commandsSchema.parse(page.Commands ?? [])) {
        const { Key, Sha256 } = command.Parameters;
        if (Key?.[0] === parameters.key && Sha256?.[0] === parameters.sha256 && command.RequestedDateTime >= since) {
          found.push({ id: command.CommandId, status: command.Status, requestedAt: command.RequestedDateTime });
        }
      }
      token = page.NextToken;
    } while (token !== undefined);
    return found;
  }

  async send(instanceId: string, { key, sha256 }: Parameters): Promise<void> {
    await this.#ssm.send(
      new SendCommandCommand({
        DocumentName: this.#documentName,
        InstanceIds: [instanceId],
        Parameters: { Key: [key], Sha256: [sha256] },
        TimeoutSeconds: DELIVERY_TIMEOUT_S,
      }),
    );
  }

  /** What the host said last about a command that failed; the host's script prints no secret. */
  async reason(commandId: string, instanceId: string): Promise<string> {
    const { StatusDetails, StandardErrorContent } = await this.#ssm.send(
      new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }),
    );
    const lines = (StandardErrorContent ?? '').split('\n').filter((line) => line.trim() !== '');
    // Systems Manager's own last line tells the exit status again.
    const said = lines.filter((line) => !line.startsWith('failed to run commands')).at(-1);
    return [StatusDetails ?? 'Failed', said].filter((part) => part !== undefined).join(': ');
  }
}

const groupsSchema = z.array(
  z.object({ Instances: z.array(z.object({ InstanceId: z.string(), LifecycleState: z.string() })).default([]) }),
);

const agentsSchema = z.array(z.object({ PingStatus: z.string() }));

const commandsSchema = z.array(
  z.object({
    CommandId: z.string(),
    Status: z.string(),
    RequestedDateTime: z.date(),
    Parameters: z.record(z.string(), z.array(z.string())).default({}),
  }),
);
