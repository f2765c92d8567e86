/** An AWS account with nothing in it and room for every preset, as the services answer; a test changes one answer. */
import { BudgetsClient, DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  type StackStatus,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  type _InstanceType,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { EMRClient, ListSupportedInstanceTypesCommand } from '@aws-sdk/client-emr';
import {
  KafkaClient,
  ListClustersV2Command,
  ListConfigurationsCommand,
  ListKafkaVersionsCommand,
} from '@aws-sdk/client-kafka';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeAccountAttributesCommand,
  DescribeDBInstancesCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

export const PLACE = { account: '123456789012', region: 'eu-central-1' };

/** vCPUs of the types that presets and tests name, as DescribeInstanceTypes states them. */
const TYPES: Readonly<Record<string, number>> = {
  't3a.micro': 2,
  't3a.small': 2,
  't3a.medium': 2,
  't3a.large': 2,
  't3.medium': 2,
  't3.xlarge': 4,
  'm5.large': 2,
  'm5.xlarge': 4,
  'm5.2xlarge': 8,
  'm5.4xlarge': 16,
  'm5d.xlarge': 4,
  'i3.2xlarge': 8,
  'i3.16xlarge': 64,
  'c6a.large': 2,
  'm7a.large': 2,
  'm7a.xlarge': 4,
  'm7a.4xlarge': 16,
  'm6g.xlarge': 4,
  'm7g.xlarge': 4,
  'm7g.4xlarge': 16,
  'c7g.4xlarge': 16,
  'x2iedn.xlarge': 4,
};

export const ZONES = [
  { ZoneName: 'eu-central-1a', ZoneId: 'euc1-az2' },
  { ZoneName: 'eu-central-1b', ZoneId: 'euc1-az3' },
  { ZoneName: 'eu-central-1c', ZoneId: 'euc1-az1' },
];

const named = (name: string, message = ''): Error => Object.assign(new Error(message), { name });

/** Of an action that the role lacks, as most services word it. */
export const denied = (action: string, name = 'AccessDeniedException'): Error =>
  named(name, `User: arn:aws:iam::123456789012:user/somebody is not authorized to perform: ${action} on resource: *`);

export interface FreshAccount {
  readonly budgets: AwsClientStub<BudgetsClient>;
  readonly cloudFormation: AwsClientStub<CloudFormationClient>;
  readonly cloudWatch: AwsClientStub<CloudWatchClient>;
  readonly logs: AwsClientStub<CloudWatchLogsClient>;
  readonly ec2: AwsClientStub<EC2Client>;
  readonly emr: AwsClientStub<EMRClient>;
  readonly kafka: AwsClientStub<KafkaClient>;
  readonly lambda: AwsClientStub<LambdaClient>;
  readonly rds: AwsClientStub<RDSClient>;
  readonly quotas: AwsClientStub<ServiceQuotasClient>;
  readonly ssm: AwsClientStub<SSMClient>;
  /** Puts the real clients back. */
  readonly restore: () => void;
}

export function freshAccount(): FreshAccount {
  const budgets = mockClient(BudgetsClient);
  const cloudFormation = mockClient(CloudFormationClient);
  const cloudWatch = mockClient(CloudWatchClient);
  const logs = mockClient(CloudWatchLogsClient);
  const ec2 = mockClient(EC2Client);
  const emr = mockClient(EMRClient);
  const kafka = mockClient(KafkaClient);
  const lambda = mockClient(LambdaClient);
  const rds = mockClient(RDSClient);
  const quotas = mockClient(ServiceQuotasClient);
  const ssm = mockClient(SSMClient);

  cloudFormation
    .on(DescribeStacksCommand)
    .callsFake(({ StackName = '' }: { StackName?: string }) =>
      Promise.reject(named('ValidationError', `Stack with id ${StackName} does not exist`)),
    );
  cloudFormation.on(ListStackResourcesCommand).resolves({ StackResourceSummaries: [] });

  budgets.on(DescribeBudgetCommand).rejects(named('NotFoundException'));
  cloudWatch.on(GetDashboardCommand).rejects(named('DashboardNotFoundError'));
  logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [] });
  kafka.on(ListClustersV2Command).resolves({ ClusterInfoList: [] });
  kafka.on(ListConfigurationsCommand).resolves({ Configurations: [] });
  lambda.on(GetFunctionConfigurationCommand).rejects(named('ResourceNotFoundException'));
  rds.on(DescribeDBInstancesCommand).rejects(named('DBInstanceNotFoundFault'));

  ec2.on(DescribeAvailabilityZonesCommand).resolves({ AvailabilityZones: ZONES });
  ec2.on(DescribeSubnetsCommand).callsFake(({ Filters: [filter] = [] }: { Filters?: { Name?: string }[] }) => ({
    Subnets: filter?.Name === 'default-for-az' ? ZONES.map(({ ZoneName }) => ({ AvailabilityZone: ZoneName })) : [],
  }));
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
  ec2.on(DescribeAddressesCommand).resolves({ Addresses: [] });
  ec2.on(DescribeVpcsCommand).callsFake(({ Filters }: { Filters?: unknown }) => ({
    Vpcs: Filters === undefined ? [{ VpcId: 'vpc-default', IsDefault: true }] : [],
  }));
  ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: 'ami-0123456789abcdef0' }] });
  ec2.on(DescribeInstanceTypesCommand).callsFake((input: { Filters?: { Values?: string[] }[] }) => ({
    InstanceTypes: (input.Filters?.[0]?.Values ?? []).flatMap((type) => {
      const known = TYPES[type];
      return known === undefined ? [] : [{ InstanceType: type as _InstanceType, VCpuInfo: { DefaultVCpus: known } }];
    }),
  }));
  offer(ec2, () => ZONES.map(({ ZoneName }) => ZoneName));

  emr.on(ListSupportedInstanceTypesCommand).resolves({
    SupportedInstanceTypes: Object.keys(TYPES)
      .filter((type) => type !== 'm5.large' && !type.startsWith('t3'))
      .map((Type) => ({ Type })),
  });
  kafka.on(ListKafkaVersionsCommand).resolves({
    KafkaVersions: [
      { Version: '3.9.x.kraft', Status: 'ACTIVE' },
      { Version: '3.8.x.kraft', Status: 'ACTIVE' },
      { Version: '2.2.1', Status: 'DEPRECATED' },
    ],
  });
  rds.on(DescribeAccountAttributesCommand).resolves({
    AccountQuotas: [{ AccountQuotaName: 'DBInstances', Used: 0, Max: 40 }],
  });
  rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({
    OrderableDBInstanceOptions: [orderable(ZONES.map(({ ZoneName }) => ZoneName))],
  });
  quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 1_000 } });
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '30' } });

  const all = { budgets, cloudFormation, cloudWatch, logs, ec2, emr, kafka, lambda, rds, quotas, ssm };
  return { ...all, restore: () => Object.values(all).forEach((stub) => stub.restore()) };
}

/** What RDS can be ordered as, in some zones. */
export function orderable(zones: readonly string[]): object {
  return {
    Engine: 'postgres',
    EngineVersion: '17.9',
    StorageType: 'gp3',
    MultiAZCapable: true,
    AvailabilityZones: zones.map((Name) => ({ Name })),
  };
}

/** Zones that offer a type. */
export function offer(ec2: FreshAccount['ec2'], zonesOf: (type: string) => readonly string[]): void {
  ec2.on(DescribeInstanceTypeOfferingsCommand).callsFake((input: { Filters?: { Values?: string[] }[] }) => ({
    InstanceTypeOfferings: (input.Filters?.[0]?.Values ?? []).flatMap((type) =>
      zonesOf(type).map((Location) => ({ InstanceType: type as _InstanceType, Location })),
    ),
  }));
}

/** A network that the deployment has made, in three zones. */
export function haveNetwork({ ec2 }: FreshAccount, cidr: string, zones: readonly string[], byDefault = zones): void {
  const subnets = zones.map((AvailabilityZone, index) => ({
    AvailabilityZone,
    Tags: [{ Key: 'aws:cloudformation:logical-id', Value: `vpcprivateSubnet${index + 1}Subnet0` }],
  }));
  ec2.on(DescribeSubnetsCommand).callsFake(({ Filters: [filter] = [] }: { Filters?: { Name?: string }[] }) => ({
    // As EC2 answers: in no order.
    Subnets:
      filter?.Name === 'default-for-az'
        ? byDefault.map((AvailabilityZone) => ({ AvailabilityZone }))
        : [...subnets].reverse(),
  }));
  ec2.on(DescribeVpcsCommand).callsFake(({ Filters }: { Filters?: unknown }) => ({
    Vpcs: [
      ...(Filters === undefined ? [{ VpcId: 'vpc-default', IsDefault: true }] : []),
      { VpcId: 'vpc-1', CidrBlock: cidr, Tags: [{ Key: 'project', Value: 'igrid' }] },
    ],
  }));
}

/** A stack that exists, in a state. */
export function haveStack(
  { cloudFormation }: FreshAccount,
  name: string,
  status: StackStatus,
  { isProtected = false, resources = [] as readonly string[] } = {},
): void {
  cloudFormation.on(DescribeStacksCommand, { StackName: name }).resolves({
    Stacks: [
      { StackName: name, StackStatus: status, CreationTime: new Date(0), EnableTerminationProtection: isProtected },
    ],
  });
  cloudFormation.on(ListStackResourcesCommand, { StackName: name }).resolves({
    StackResourceSummaries: resources.map((PhysicalResourceId, index) => ({
      ...{ LogicalResourceId: `resource${index}`, ResourceType: 'AWS::Any', PhysicalResourceId },
      ...{ LastUpdatedTimestamp: new Date(0), ResourceStatus: 'CREATE_COMPLETE' as const },
    })),
  });
}
