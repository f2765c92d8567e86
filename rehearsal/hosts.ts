/** The deployment's hosts, as an operator reaches them: by EC2's names, and by commands of Systems Manager. */
import {
  DescribeInstancesCommand,
  EC2Client,
  RebootInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';

import { CheckError } from './check.ts';
import { CLIENT } from './cloud.ts';
import { eventually } from './eventually.ts';

const LOOK_EVERY_MS = 1_000;

/** The longest that a command on a host may take, ms. */
const COMMAND_TIMEOUT_MS = 180_000;

/** Ids of the running instances, of those alone whose tag `Name` holds a word if one is given. */
export async function instanceIds(word = ''): Promise<string[]> {
  const ec2 = new EC2Client(CLIENT);
  const running = { Name: 'instance-state-name', Values: ['running'] };
  const { Reservations = [] } = await ec2
    .send(new DescribeInstancesCommand({ Filters: [running] }))
    .finally(() => ec2.destroy());
  return Reservations.flatMap(({ Instances = [] }) => Instances)
    .filter(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'Name')?.Value?.includes(word) ?? word === '')
    .flatMap(({ InstanceId }) => InstanceId ?? [])
    .sort();
}

/** The only running instance with this word in its name. @throws CheckError when there is none, or another one. */
export async function instanceOf(word: string): Promise<string> {
  const [id, another] = await instanceIds(word);
  if (id === undefined || another !== undefined) {
    throw new CheckError(`one ${word} host should run, not ${id === undefined ? 'none' : `${id} and ${another}`}`);
  }
  return id;
}

/**
 * What a script of bash prints on a host, run as root.
 *
 * @throws CheckError with its last words when it fails.
 */
export async function onHost(word: string, script: string): Promise<string> {
  const instance = await instanceOf(word);
  const ssm = new SSMClient(CLIENT);
  try {
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [instance],
        // The document's own shell is sh.
        Parameters: { commands: [`exec bash <<'END_OF_SCRIPT'\n${script}\nEND_OF_SCRIPT`] },
      }),
    );
    const answer = await eventually(
      async () => {
        const invocation = await ssm.send(
          new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: instance }),
        );
        return invocation.Status !== 'Pending' && invocation.Status !== 'InProgress' && invocation;
      },
      { timeoutMs: COMMAND_TIMEOUT_MS, everyMs: LOOK_EVERY_MS },
      () => `a command on the ${word} host did not end within ${COMMAND_TIMEOUT_MS / 1_000} s`,
    );
    const { Status, StandardOutputContent = '', StandardErrorContent = '' } = answer;
    if (Status !== 'Success') {
      const said = `${StandardOutputContent}\n${StandardErrorContent}`.trim().split('\n').slice(-3).join(' / ');
      throw new CheckError(`a command on the ${word} host ended as ${Status}: ${said}`);
    }
    return StandardOutputContent;
  } finally {
    ssm.destroy();
  }
}

/** Reboots a host, as EC2 does it. */
export async function reboot(word: string): Promise<void> {
  const ec2 = new EC2Client(CLIENT);
  await ec2.send(new RebootInstancesCommand({ InstanceIds: [await instanceOf(word)] })).finally(() => ec2.destroy());
}

/** Terminates a host, so that its group replaces it. @returns its id. */
export async function terminate(word: string): Promise<string> {
  const instance = await instanceOf(word);
  const ec2 = new EC2Client(CLIENT);
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] })).finally(() => ec2.destroy());
  return instance;
}
