/** Whether the account's quotas have room for the deployment beside what runs already. */
import {
  DescribeAddressesCommand,
  EC2Client,
  paginateDescribeInstances,
  paginateDescribeVpcs,
  type Tag,
} from '@aws-sdk/client-ec2';
import { KafkaClient, paginateListClustersV2 } from '@aws-sdk/client-kafka';
import { DescribeAccountAttributesCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';

import { isNamed } from '../../deployment/aws-errors.ts';
import { PROJECT_TAG } from '../../scan/ownership.ts';
import { addressesNeeded, instanceNeeds } from '../requirements.ts';
import { clientOf, collected } from './clients.ts';
import { vcpusByType } from './instance-types.ts';
import { type Finding, type Look, type LookScope, problem, warning } from './look.ts';
import { quotaOfType } from './quota-of-type.ts';

interface Quota {
  readonly service: string;
  readonly code: string;
  /** In the words of Service Quotas. */
  readonly name: string;
}

/** Codes as Service Quotas lists them (AWS General Reference, endpoints and quotas of each service). */
const QUOTAS = {
  addresses: { service: 'ec2', code: 'L-0263D0A3', name: 'EC2-VPC Elastic IPs' },
  vpcs: { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs per Region' },
  brokers: { service: 'kafka', code: 'L-EDD31C36', name: 'Number of brokers per account' },
} as const satisfies Record<string, Quota>;

const QUOTA_ACTIONS = ['servicequotas:GetServiceQuota', 'servicequotas:GetAWSDefaultServiceQuota'];

export const quotaLooks: readonly Look[] = [
  {
    about: 'the vCPU quotas',
    actions: [...QUOTA_ACTIONS, 'ec2:DescribeInstances', 'ec2:DescribeInstanceTypes'],
    look: vcpus,
  },
  {
    about: 'the quota of Elastic IP addresses',
    actions: [...QUOTA_ACTIONS, 'ec2:DescribeAddresses'],
    look: async (scope) => {
      const { Addresses = [] } = await ec2(scope).send(new DescribeAddressesCommand({}));
      const others = Addresses.filter(({ Tags }) => !isOwn(Tags, scope)).length;
      const needed = addressesNeeded(scope.config);
      return room(
        scope,
        QUOTAS.addresses,
        needed,
        others,
        'set network.natGateways to 1, release addresses that nothing uses, or ',
      );
    },
  },
  {
    about: 'the quota of VPCs',
    actions: [...QUOTA_ACTIONS, 'ec2:DescribeVpcs'],
    look: async (scope) => {
      const vpcs = await collected(paginateDescribeVpcs({ client: ec2(scope) }, {}), ({ Vpcs }) => Vpcs);
      const others = vpcs.filter(({ Tags }) => !isOwn(Tags, scope)).length;
      return room(scope, QUOTAS.vpcs, 1, others, 'delete a VPC that nothing uses, or ');
    },
  },
  {
    about: 'the quota of MSK brokers',
    actions: [...QUOTA_ACTIONS, 'kafka:ListClustersV2'],
    look: async (scope) => {
      const client = new KafkaClient(clientOf(scope.region));
      const clusters = await collected(
        paginateListClustersV2({ client }, {}),
        ({ ClusterInfoList }) => ClusterInfoList,
      );
      const others = clusters
        .filter(({ ClusterName }) => ClusterName !== scope.config.name)
        .reduce((sum, { Provisioned }) => sum + (Provisioned?.NumberOfBrokerNodes ?? 0), 0);
      return room(scope, QUOTAS.brokers, scope.config.kafka.brokers, others);
    },
  },
  {
    about: 'the quota of RDS instances',
    actions: ['rds:DescribeAccountAttributes', 'cloudformation:DescribeStacks', 'cloudformation:ListStackResources'],
    look: async ({ facts, config, region }) => {
      const [{ AccountQuotas = [] }, own] = await Promise.all([
        new RDSClient(clientOf(region)).send(new DescribeAccountAttributesCommand({})),
        facts.resources(),
      ]);
      const { Used = 0, Max = Infinity } =
        AccountQuotas.find(({ AccountQuotaName }) => AccountQuotaName === 'DBInstances') ?? {};
      return own.has(`${config.name}-metadata`) || Used < Max
        ? []
        : [
            problem(
              `RDS runs ${Used} of the ${Max} instances that ${region} allows, ${config.name} needs one more: delete one, or request more: ` +
                `https://${region}.console.aws.amazon.com/servicequotas/home/services/rds/quotas`,
            ),
          ];
    },
  },
];

/** vCPUs of the deployment and of everything else that runs, by quota. */
async function vcpus(scope: LookScope): Promise<readonly Finding[]> {
  const client = ec2(scope);
  const needs = instanceNeeds(scope.config);
  const reservations = await collected(
    paginateDescribeInstances(
      { client },
      { Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }] },
    ),
    ({ Reservations }) => Reservations,
  );
  const others = reservations
    .flatMap(({ Instances = [] }) => Instances)
    // Spot instances and dedicated hosts have quotas of their own.
    .filter(({ InstanceLifecycle, Placement }) => InstanceLifecycle !== 'spot' && Placement?.Tenancy !== 'host')
    .filter(({ Tags }) => !isOwn(Tags, scope));
  const types = await vcpusByType(client, [
    ...needs.map(({ type }) => type),
    ...others.map(({ InstanceType = '' }) => InstanceType),
  ]);
  const vcpusOf = (type: string): number => types.get(type) ?? 0;

  const quotas = new Map(needs.map(({ type }) => [quotaOfType(type).code, quotaOfType(type)]));
  const findings = await Promise.all(
    [...quotas.values()].map(async (quota) => {
      const mine = needs.filter(({ type }) => quotaOfType(type).code === quota.code);
      const needed = mine.reduce((sum, { type, count, most }) => sum + (most ?? count) * vcpusOf(type), 0);
      const spare = Math.max(...mine.map(({ type }) => vcpusOf(type)));
      const taken = others
        .filter(({ InstanceType = '' }) => quotaOfType(InstanceType).code === quota.code)
        .reduce((sum, { InstanceType = '' }) => sum + vcpusOf(InstanceType), 0);
      const limit = await limitOf(scope, quota);
      const what = mine.map(({ type, count, most }) => `${most ?? count} x ${type} of ${vcpusOf(type)}`).join(', ');
      const says =
        `the quota "${quota.name}" (${quota.code}) allows ${limit} vCPUs in ${scope.region}, ${scope.config.name} needs ` +
        `${needed} (${what}), other instances run ${taken}`;
      if (taken + needed > limit) {
        return [problem(`${says}: ${request(scope, quota, taken + needed + spare)}`)];
      }
      return taken + needed + spare > limit
        ? [
            warning(
              `${says}: no room for the replacement of a host beside the one that it replaces (${spare}); ` +
                request(scope, quota, taken + needed + spare),
            ),
          ]
        : [];
    }),
  );
  return findings.flat();
}

async function room(
  scope: LookScope,
  quota: Quota,
  needed: number,
  taken: number,
  otherwise = '',
): Promise<readonly Finding[]> {
  const limit = await limitOf(scope, quota);
  return taken + needed <= limit
    ? []
    : [
        problem(
          `the quota "${quota.name}" (${quota.code}) allows ${limit} in ${scope.region}, ${scope.config.name} needs ${needed}, ` +
            `others take ${taken}: ${otherwise}${request(scope, quota, taken + needed)}`,
        ),
      ];
}

/** The account's own value, or AWS' default where the account has none. */
async function limitOf({ region }: LookScope, { service, code }: Quota): Promise<number> {
  const client = new ServiceQuotasClient(clientOf(region));
  const input = { ServiceCode: service, QuotaCode: code };
  try {
    const { Quota } = await client.send(new GetServiceQuotaCommand(input));
    return valueOf(Quota?.Value, code);
  } catch (error) {
    if (!isNamed(error, 'NoSuchResourceException')) {
      throw error;
    }
    const { Quota } = await client.send(new GetAWSDefaultServiceQuotaCommand(input));
    return valueOf(Quota?.Value, code);
  }
}

function valueOf(value: number | undefined, code: string): number {
  if (value === undefined) {
    throw new Error(`Service Quotas has no value for ${code}`);
  }
  return value;
}

function request({ region }: LookScope, { service, code }: Quota, value: number): string {
  return (
    `request ${value}: aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} ` +
    `--desired-value ${value} --region ${region}`
  );
}

function isOwn(tags: readonly Tag[] | undefined, { config }: LookScope): boolean {
  return (tags ?? []).some(({ Key, Value }) => Key === PROJECT_TAG && Value === config.name);
}

function ec2({ region }: LookScope): EC2Client {
  return new EC2Client(clientOf(region));
}
