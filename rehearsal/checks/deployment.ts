/** From an empty account to outputs that work as printed, and back. */
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';

import { ACCOUNT, REGION } from '../addresses.ts';
import { type Check, CheckError } from '../check.ts';
import { CLIENT } from '../cloud.ts';
import type { Environment } from '../environment.ts';
import { instanceIds, instanceOf, onHost } from '../hosts.ts';
import { leftInCloud } from '../leftovers.ts';

const MINUTE_MS = 60_000;
/** No deployment may hang the rehearsal: the longest wait within one is a host's boot. */
export const DEPLOY_TIMEOUT_MS = 25 * MINUTE_MS;

/** Stacks that don't wait for each other, at a time. */
const CONCURRENCY = '5';

/** Arguments of every deployment. */
export const DEPLOY = ['--require-approval', 'never', '--progress', 'events', '--concurrency', CONCURRENCY];

export const bootstrap: Check = {
  name: 'bootstrap',
  expectation: 'the account takes the CDK bootstrap',
  run: async (environment, signal) => {
    await environment.cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`], 5 * MINUTE_MS, signal);
    return 'by the pinned CLI';
  },
};

export const deploy: Check = {
  name: 'deploy',
  expectation: 'every stack deploys from nothing, and every host signals that its service answers',
  after: ['bootstrap'],
  run: async (environment, signal) => {
    await environment.cdk(['deploy', '--all', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const made = await ownStacks();
    const wrong = made.filter(({ StackStatus }) => StackStatus !== 'CREATE_COMPLETE');
    if (wrong.length > 0) {
      throw new CheckError(wrong.map(({ StackName, StackStatus }) => `${StackName} is ${StackStatus}`).join(', '));
    }
    return `${made.length} stacks, ${(await instanceIds()).length} machines`;
  },
};

export const disk: Check = {
  name: 'disk',
  expectation:
    "the Druid host formats the blank disk that its type of instance comes with, and mounts it for the segments' cache",
  after: ['deploy'],
  run: async () => {
    const [found, mounted] = (
      await onHost(
        'druid',
        'ls /sys/block | grep nvme || echo none; findmnt --noheadings --output SOURCE,FSTYPE /mnt/cache || true',
      )
    )
      .trim()
      .split('\n');
    if (found === 'none') {
      return 'not seen: this computer lends no loop devices, so the cache is on the disk of the system';
    }
    if (mounted === undefined || !/^\/dev\/nvme\S+ +ext4$/.test(mounted)) {
      throw new CheckError(`${found} is not used for /mnt/cache: ${mounted ?? 'nothing is mounted there'}`);
    }
    return mounted.replaceAll(/ +/g, ', ');
  },
};

export const outputs: Check = {
  name: 'outputs',
  expectation: 'what the stacks print can be used as it is printed',
  after: ['deploy'],
  run: async () => {
    const printed = (await ownStacks()).flatMap(({ Outputs = [] }) =>
      Outputs.filter(({ ExportName }) => ExportName === undefined).map(({ OutputValue = '' }) => OutputValue),
    );
    // Session Manager's plugin is not here: what it is told is looked at, and what finds the host is run.
    const finders = printed.flatMap((text) => /--target "?\$\((.*?)\)"? /.exec(text)?.[1] ?? []);
    const hosts = ['druid', 'airflow', 'superset'];
    const found = await Promise.all(finders.map((command) => asAdministrator(command)));
    const wanted = await Promise.all(hosts.map((host) => instanceOf(host)));
    const missing = wanted.filter((id) => !found.includes(id));
    if (missing.length > 0) {
      throw new CheckError(
        `no printed command finds ${missing.join(', ')}: they find ${found.join(', ') || 'nothing'}`,
      );
    }
    const passwords = await Promise.all(
      printed.filter((text) => text.includes('get-secret-value')).map((command) => asAdministrator(command)),
    );
    if (passwords.length === 0 || passwords.some((password) => !/^\S{20,}$/.test(password))) {
      throw new CheckError('a printed command does not show its password');
    }
    return `${finders.length} commands find their hosts, ${passwords.length} show their passwords`;
  },
};

export const unchanged: Check = {
  name: 'unchanged',
  expectation: 'a second deployment of the same changes nothing',
  after: ['deploy'],
  run: async (environment, signal) => {
    const before = await instanceIds();
    const said = await environment.cdk(['deploy', '--all', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const changed = said.split('\n').filter((line) => line.startsWith('✅') && !line.includes('(no changes)'));
    if (changed.length > 0) {
      throw new CheckError(`changed without need: ${changed.join(', ')}`);
    }
    const after = await instanceIds();
    if (before.join() !== after.join()) {
      throw new CheckError(`instances were replaced: ${before.join(' ')} became ${after.join(' ')}`);
    }
    return 'no stack, no machine';
  },
};

export const destroy: Check = {
  name: 'destroy',
  expectation: 'every stack is destroyed',
  after: ['deploy'],
  run: (environment, signal) => destroyAll(environment, signal),
};

export const scan: Check = {
  name: 'scan',
  expectation: 'nothing is left in the account but what the bootstrap made',
  after: ['destroy'],
  run: async () => {
    await nothingLeft();
    return 'asked service by service';
  },
};

/** Destroys whatever is deployed. @throws CdkError, CheckError. */
export async function destroyAll(environment: Environment, signal: AbortSignal): Promise<string> {
  await environment.cdk(['destroy', '--all', '--force'], DEPLOY_TIMEOUT_MS, signal);
  const left = await ownStacks();
  if (left.length > 0) {
    throw new CheckError(`still there: ${left.map(({ StackName }) => StackName).join(', ')}`);
  }
  return 'in reverse order';
}

/** @throws CheckError that names what is left. */
export async function nothingLeft(): Promise<void> {
  const left = await leftInCloud();
  if (left.length > 0) {
    throw new CheckError(`left behind: ${left.join(', ')}`);
  }
}

/** The deployment's stacks that there are. */
export async function ownStacks(): Promise<Stack[]> {
  const client = new CloudFormationClient(CLIENT);
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({})).finally(() => client.destroy());
  return Stacks.filter(({ StackName, StackStatus }) => StackName !== 'CDKToolkit' && StackStatus !== 'DELETE_COMPLETE');
}

/** Runs a printed command as the user who deployed would, on a machine that has AWS' CLI and jq. */
async function asAdministrator(command: string): Promise<string> {
  const { accessKeyId, secretAccessKey } = CLIENT.credentials;
  const credentials = `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_DEFAULT_REGION=${REGION}`;
  return (await onHost('airflow', `set -euo pipefail; export ${credentials}; ${command}`)).trim();
}
