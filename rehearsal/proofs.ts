import { setTimeout as sleep } from 'node:timers/promises';

import { DescribeInstancesCommand, EC2Client, RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { EMRClient, ListClustersCommand, ListStepsCommand } from '@aws-sdk/client-emr';
import { Kafka, logLevel } from 'kafkajs';
import pWaitFor, { TimeoutError } from 'p-wait-for';

import { TOPICS, type Topic } from '../src/messages/topics.ts';
import { ACCOUNT, PORTS, REGION, SERVICE_ADDRESS } from './addresses.ts';
import { CLIENT } from './cloud.ts';
import { type Proof, ProofError } from './proof.ts';
import { leftInCloud } from './leftovers.ts';

const MINUTE_MS = 60_000;
/** No deployment may hang the rehearsal: the longest wait within one is a host's boot. */
const DEPLOY_TIMEOUT_MS = 20 * MINUTE_MS;
/** How long a change may take to be seen: a reboot, a job's first batch. */
const PATIENCE_MS = 5 * MINUTE_MS;
/** Over this long readings are counted. */
const FLOW_MS = 10_000;

export const PROOFS: readonly Proof[] = [
  {
    name: 'bootstrap',
    claim: 'the account takes the CDK bootstrap',
    run: async (stage, signal) => {
      await stage.cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`], 5 * MINUTE_MS, signal);
      return 'by the pinned CLI';
    },
  },
  {
    name: 'deploy',
    claim: 'every stack deploys from nothing, and every host signals that its service answers',
    after: ['bootstrap'],
    run: async (stage, signal) => {
      const said = await stage.cdk(
        ['deploy', '--all', '--require-approval', 'never', '--progress', 'events'],
        DEPLOY_TIMEOUT_MS,
        signal,
      );
      return `${said.match(/^✅/gm)?.length ?? 0} stacks`;
    },
  },
  {
    name: 'readings',
    claim: 'readings of the producer host arrive in Kafka',
    after: ['deploy'],
    run: async () => flowing(TOPICS.powerraw),
  },
  {
    name: 'duty-cycles',
    claim: 'the step that the Lambda submitted runs, and its windows arrive in Kafka',
    after: ['readings'],
    run: async () => {
      const states = await stepStates();
      if (states.filter((state) => state === 'RUNNING').length !== 1) {
        throw new ProofError(`one step should run: ${states.join(', ') || 'there is none'}`);
      }
      return flowing(TOPICS.dutycycle);
    },
  },
  {
    name: 'unchanged',
    claim: 'a second deployment of the same changes nothing',
    after: ['deploy'],
    run: async (stage, signal) => {
      const before = await instanceIds();
      const said = await stage.cdk(['deploy', '--all', '--require-approval', 'never'], DEPLOY_TIMEOUT_MS, signal);
      const changed = said.split('\n').filter((line) => line.startsWith('✅') && !line.includes('(no changes)'));
      if (changed.length > 0) {
        throw new ProofError(`changed without need: ${changed.join(', ')}`);
      }
      const after = await instanceIds();
      if (before.join() !== after.join()) {
        throw new ProofError(`instances were replaced: ${before.join(' ')} became ${after.join(' ')}`);
      }
      return 'no stack, no instance';
    },
  },
  {
    name: 'reboot',
    claim: 'a host that is rebooted goes on by itself',
    after: ['readings'],
    run: async () => {
      const ec2 = new EC2Client(CLIENT);
      await ec2.send(new RebootInstancesCommand({ InstanceIds: await instanceIds('producer') }));
      ec2.destroy();
      // Until the machine is down what it had in flight still arrives.
      await sleep(FLOW_MS);
      return flowing(TOPICS.powerraw);
    },
  },
  {
    name: 'destroy',
    claim: 'every stack is destroyed',
    after: ['deploy'],
    run: async (stage, signal) => {
      await stage.cdk(['destroy', '--all', '--force'], DEPLOY_TIMEOUT_MS, signal);
      return 'in reverse order';
    },
  },
  {
    name: 'scan',
    claim: 'nothing is left in the account but what the bootstrap made',
    after: ['destroy'],
    run: async () => {
      const left = await leftInCloud();
      if (left.length > 0) {
        throw new ProofError(`left behind: ${left.join(', ')}`);
      }
      return 'asked service by service';
    },
  },
];

/** Waits until a topic grows, and says by how much. */
async function flowing(topic: Topic): Promise<string> {
  const start = await messages(topic);
  let count = start;
  const startedMs = Date.now();
  try {
    await pWaitFor(
      async () => {
        count = await messages(topic);
        return count > start && Date.now() - startedMs >= FLOW_MS;
      },
      { interval: 1_000, timeout: PATIENCE_MS },
    );
  } catch (error) {
    if (error instanceof TimeoutError) {
      throw new ProofError(`nothing new in ${topic} for ${PATIENCE_MS / MINUTE_MS} minutes; it holds ${start}`);
    }
    throw error;
  }
  return `${count - start} messages in ${Math.round((Date.now() - startedMs) / 1_000)} s, ${count} in all`;
}

/** How many messages a topic holds. */
async function messages(topic: Topic): Promise<number> {
  const kafka = new Kafka({ brokers: [`${SERVICE_ADDRESS}:${PORTS.kafka}`], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
}

/** Ids of the running instances, of those whose name holds a word if one is given. */
async function instanceIds(word = ''): Promise<string[]> {
  const ec2 = new EC2Client(CLIENT);
  const running = { Name: 'instance-state-name', Values: ['running'] };
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [running] }));
  ec2.destroy();
  return Reservations.flatMap(({ Instances = [] }) => Instances)
    .filter(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'Name')?.Value?.includes(word) ?? word === '')
    .flatMap(({ InstanceId }) => InstanceId ?? [])
    .sort();
}

/** States of all steps of all clusters. */
async function stepStates(): Promise<string[]> {
  const emr = new EMRClient(CLIENT);
  try {
    const { Clusters = [] } = await emr.send(new ListClustersCommand({ ClusterStates: ['WAITING', 'RUNNING'] }));
    const steps = await Promise.all(
      Clusters.map(async ({ Id }) => (await emr.send(new ListStepsCommand({ ClusterId: Id }))).Steps ?? []),
    );
    return steps.flat().map(({ Status }) => Status?.State ?? 'unknown');
  } finally {
    emr.destroy();
  }
}
