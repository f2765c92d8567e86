import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import { ListClustersV2Command } from '@aws-sdk/client-kafka';
import { DescribeAccountAttributesCommand } from '@aws-sdk/client-rds';
import { GetAWSDefaultServiceQuotaCommand, GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { checkConfig } from '../../../../lib/config/load.ts';
import { quotaOfType } from '../../../../tools/deploy/looks/quota-of-type.ts';
import { preflight } from '../../../../tools/deploy/preflight.ts';
import { DEPLOYMENTS, PROD } from '../../../support/deployments.ts';
import { type FreshAccount, freshAccount, haveStack, PLACE } from '../../../support/fresh-account.ts';

const STANDARD = 'L-1216C47A';
const SEED = DEPLOYMENTS.seed();
/** i3.2xlarge 8, 4 x t3.xlarge 16, 2 x t3.medium 4, 3 x m5.xlarge 12. */
const SEED_VCPUS = 40;
/** Its largest machine, replaced. */
const SPARE = 8;

const OWN = [{ Key: 'project', Value: 'igrid' }];

let account: FreshAccount;
beforeEach(() => {
  account = freshAccount();
});
afterEach(() => account.restore());

function allow(code: string, value: number): void {
  account.quotas.on(GetServiceQuotaCommand, { QuotaCode: code }).resolves({ Quota: { Value: value } });
}

function run(...instances: readonly Instance[]): void {
  account.ec2
    .on(DescribeInstancesCommand)
    .resolves({ Reservations: [{ Instances: instances.slice(1) }] })
    .on(DescribeInstancesCommand, { NextToken: undefined })
    .resolves({ Reservations: [{ Instances: instances.slice(0, 1) }], NextToken: '2' });
}

describe('vCPUs', () => {
  test('that a new account lacks stop with the request that gets them, a replacement included', async () => {
    allow(STANDARD, 32);
    expect(await preflight(SEED, PLACE)).toEqual([
      {
        kind: 'problem',
        text:
          'the quota "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances" (L-1216C47A) allows 32 vCPUs in eu-central-1, ' +
          'igrid needs 40 (1 x i3.2xlarge of 8, 1 x t3.medium of 2, 1 x t3.medium of 2, 4 x t3.xlarge of 4, 1 x m5.xlarge of 4, ' +
          '2 x m5.xlarge of 4), other instances run 0: request 48: aws service-quotas request-service-quota-increase --service-code ec2 ' +
          '--quota-code L-1216C47A --desired-value 48 --region eu-central-1',
      },
    ]);
  });

  test('are enough with exactly what is needed and a replacement', async () => {
    allow(STANDARD, SEED_VCPUS + SPARE);
    expect(await preflight(SEED, PLACE)).toEqual([]);
  });

  test('without room for a replacement are a warning', async () => {
    allow(STANDARD, SEED_VCPUS);
    expect(await preflight(SEED, PLACE)).toEqual([
      { kind: 'warning', text: expect.stringContaining('no room for the replacement of a host') },
    ]);
  });

  test('that others run count, in every page', async () => {
    allow(STANDARD, SEED_VCPUS + SPARE + 4);
    run({ InstanceType: 'm5.large' }, { InstanceType: 'm5.xlarge' });
    expect(await preflight(SEED, PLACE)).toEqual([
      { kind: 'warning', text: expect.stringContaining('other instances run 6:') },
    ]);
  });

  test('that others take from what is needed stop', async () => {
    allow(STANDARD, SEED_VCPUS + SPARE);
    run({ InstanceType: 'm5.4xlarge' });
    expect(await preflight(SEED, PLACE)).toEqual([
      { kind: 'problem', text: expect.stringMatching(/other instances run 16: request 64:/) },
    ]);
  });

  test('of the deployment itself, of spot instances and of other families do not count twice or at all', async () => {
    allow(STANDARD, SEED_VCPUS + SPARE);
    run(
      { InstanceType: 'i3.2xlarge', Tags: OWN },
      { InstanceType: 'm5.xlarge', InstanceLifecycle: 'spot' },
      { InstanceType: 'm5.xlarge', Placement: { Tenancy: 'host' } },
      { InstanceType: 'x2iedn.xlarge' },
    );
    expect(await preflight(SEED, PLACE)).toEqual([]);
  });

  test('count for all that managed scaling may add', async () => {
    allow(STANDARD, SEED_VCPUS + SPARE);
    const scaling = checkConfig({ spark: { maxCoreNodes: 10 } });
    expect(await preflight(scaling, PLACE)).toEqual([
      { kind: 'problem', text: expect.stringMatching(/igrid needs 72 .*10 x m5\.xlarge of 4/) },
    ]);
  });

  test('of another family count against its own quota', async () => {
    allow('L-7295265B', 0);
    const config = checkConfig({ druid: { instanceType: 'x2iedn.xlarge' } });
    expect(await preflight(config, PLACE)).toEqual([
      {
        kind: 'problem',
        text: expect.stringMatching(/"Running On-Demand X instances" \(L-7295265B\) allows 0 .*needs 4 /),
      },
    ]);
  });

  test("without a value of the account's own have AWS' default", async () => {
    account.quotas
      .on(GetServiceQuotaCommand, { QuotaCode: STANDARD })
      .rejects(Object.assign(new Error('none'), { name: 'NoSuchResourceException' }));
    account.quotas.on(GetAWSDefaultServiceQuotaCommand).resolves({ Quota: { Value: 5 } });
    expect(await preflight(SEED, PLACE)).toEqual([
      { kind: 'problem', text: expect.stringContaining('allows 5 vCPUs') },
    ]);
  });
});

test.each([
  ['i3.2xlarge', STANDARD],
  ['im4gn.xlarge', STANDARD],
  ['m7i-flex.large', STANDARD],
  ['t3.medium', STANDARD],
  ['d3en.xlarge', STANDARD],
  ['x2iedn.xlarge', 'L-7295265B'],
  ['p4d.24xlarge', 'L-417A185B'],
  ['g5.xlarge', 'L-DB2E81BA'],
  ['vt1.3xlarge', 'L-DB2E81BA'],
  ['f1.2xlarge', 'L-74FC7D96'],
  ['inf2.xlarge', 'L-1945791B'],
  ['trn1.2xlarge', 'L-2C3B7624'],
  ['dl1.24xlarge', 'L-6E869C2A'],
  ['hpc7a.96xlarge', 'L-F7808C92'],
  ['u-6tb1.112xlarge', 'L-43DA4232'],
  ['u7i-12tb.224xlarge', 'L-43DA4232'],
])('%s counts against %s', (type, code) => {
  expect(quotaOfType(type).code).toBe(code);
});

describe('other quotas', () => {
  const address = (project?: string): object => ({
    ...{ AllocationId: 'eipalloc-1', PublicIp: '192.0.2.1' },
    ...(project === undefined ? {} : { Tags: [{ Key: 'project', Value: project }] }),
  });

  test('addresses: one for each NAT gateway beside those of others', async () => {
    allow('L-0263D0A3', 5);
    account.ec2.on(DescribeAddressesCommand).resolves({ Addresses: [address(), address(), address('igrid')] });
    expect(await preflight(checkConfig(PROD), PLACE)).toEqual([]);
    account.ec2.on(DescribeAddressesCommand).resolves({ Addresses: [address(), address(), address('igrid-north')] });
    expect(await preflight(checkConfig(PROD), PLACE)).toEqual([
      {
        kind: 'problem',
        text: expect.stringMatching(
          /needs 3, others take 3: set network.natGateways to 1, .*--quota-code L-0263D0A3 --desired-value 6/,
        ),
      },
    ]);
  });

  test('VPCs: one more than others have, and its own is no other', async () => {
    allow('L-F678F1CE', 5);
    account.ec2.on(DescribeVpcsCommand).resolves({ Vpcs: [{}, {}, {}, {}, { Tags: OWN }] });
    expect(await preflight(SEED, PLACE)).toEqual([]);
    account.ec2.on(DescribeVpcsCommand).resolves({ Vpcs: [{}, {}, {}, {}, {}] });
    expect(await preflight(SEED, PLACE)).toEqual([
      {
        kind: 'problem',
        text: expect.stringContaining('--service-code vpc --quota-code L-F678F1CE --desired-value 6'),
      },
    ]);
  });

  test('brokers of all clusters', async () => {
    allow('L-EDD31C36', 90);
    const cluster = (ClusterName: string, NumberOfBrokerNodes: number): object => ({
      ...{ ClusterName, ClusterArn: `arn:${ClusterName}` },
      Provisioned: { NumberOfBrokerNodes, BrokerNodeGroupInfo: undefined },
    });
    account.kafka.on(ListClustersV2Command).resolves({ ClusterInfoList: [cluster('other', 87)] });
    expect(await preflight(SEED, PLACE)).toEqual([]);
    account.kafka.on(ListClustersV2Command).resolves({ ClusterInfoList: [cluster('other', 88)] });
    expect(await preflight(SEED, PLACE)).toEqual([
      { kind: 'problem', text: expect.stringMatching(/needs 3, others take 88: request 91/) },
    ]);
  });

  test('RDS instances, unless the database is there already', async () => {
    account.rds.on(DescribeAccountAttributesCommand).resolves({
      AccountQuotas: [{ AccountQuotaName: 'DBInstances', Used: 40, Max: 40 }],
    });
    expect(await preflight(SEED, PLACE)).toEqual([
      { kind: 'problem', text: expect.stringContaining('RDS runs 40 of the 40 instances') },
    ]);
    haveStack(account, 'igrid-foundation', 'CREATE_COMPLETE', { resources: ['igrid-metadata'] });
    expect(await preflight(SEED, PLACE)).toEqual([]);
  });
});
