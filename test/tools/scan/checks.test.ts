/** Each check against answers as the services give them, in more than one page where they page. */
import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  ListDashboardsCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeAddressesCommand,
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeLaunchTemplatesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeSecurityConfigurationCommand,
  EMRClient,
  ListClustersCommand,
  ListSecurityConfigurationsCommand,
} from '@aws-sdk/client-emr';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListInstanceProfilesCommand, ListPoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { KafkaClient, ListClustersV2Command, ListConfigurationsCommand } from '@aws-sdk/client-kafka';
import { DescribeKeyCommand, KMSClient, ListKeysCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand, ListTagsForResourceCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { DescribeParametersCommand, ListDocumentsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import type { Candidate } from '../../../tools/scan/candidate.ts';
import { CHECKS } from '../../../tools/scan/checks/all.ts';
import { kindOf } from '../../../tools/scan/checks/tagged.ts';

const SCOPE = { name: 'igrid', account: '123456789012', region: 'eu-central-1' };
const TAGS = [{ Key: 'project', Value: 'igrid' }];
const TAGGED = { project: 'igrid' };

const restored: { restore: () => void }[] = [];
afterEach(() => restored.splice(0).forEach((stub) => stub.restore()));

/** A client whose every other command answers with nothing; put back after the test. */
function answering<S extends { onAnyCommand: () => { resolves: (answer: object) => unknown }; restore: () => void }>(
  stub: S,
): S {
  restored.push(stub);
  stub.onAnyCommand().resolves({});
  return stub;
}

async function found(check: string): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for await (const candidate of CHECKS[check]?.(SCOPE) ?? []) {
    candidates.push(candidate);
  }
  return candidates;
}

describe('the scan asks', () => {
  test('CloudFormation for stacks, page by page', async () => {
    answering(mockClient(CloudFormationClient))
      .on(DescribeStacksCommand)
      .resolves({
        Stacks: [{ StackName: 'igrid-network', StackStatus: 'DELETE_FAILED', CreationTime: new Date(), Tags: TAGS }],
      })
      .on(DescribeStacksCommand, { NextToken: undefined })
      .resolves({
        Stacks: [{ StackName: 'CDKToolkit', StackStatus: 'CREATE_COMPLETE', CreationTime: new Date() }],
        NextToken: '2',
      });
    expect(await found('CloudFormation')).toEqual([
      {
        type: 'AWS::CloudFormation::Stack',
        id: 'CDKToolkit',
        names: ['CDKToolkit'],
        tags: {},
        state: 'CREATE_COMPLETE',
      },
      {
        type: 'AWS::CloudFormation::Stack',
        id: 'igrid-network',
        names: ['igrid-network'],
        tags: TAGGED,
        state: 'DELETE_FAILED',
      },
    ]);
  });

  test('EC2 for machines, disks, snapshots, templates and addresses, but not for what is terminated', async () => {
    answering(mockClient(EC2Client))
      .on(DescribeInstancesCommand)
      .resolves({
        Reservations: [
          {
            Instances: [
              { InstanceId: 'i-1', State: { Name: 'terminated' }, Tags: TAGS },
              { InstanceId: 'i-2', State: { Name: 'running' }, SecurityGroups: [{ GroupName: 'igrid-emr-core' }] },
            ],
          },
        ],
      })
      .on(DescribeVolumesCommand)
      .resolves({ Volumes: [{ VolumeId: 'vol-1', State: 'available', Tags: TAGS }] })
      .on(DescribeSnapshotsCommand, { OwnerIds: ['self'] })
      .resolves({ Snapshots: [{ SnapshotId: 'snap-1', State: 'completed' }] })
      .on(DescribeLaunchTemplatesCommand)
      .resolves({ LaunchTemplates: [{ LaunchTemplateId: 'lt-1', LaunchTemplateName: 'igrid-replay-x' }] })
      .on(DescribeAddressesCommand)
      .resolves({ Addresses: [{ AllocationId: 'eipalloc-1', PublicIp: '192.0.2.1', Tags: TAGS }] });
    const candidates = await found('EC2 machines');
    expect(candidates.map(({ id, names, tags }) => [id, names, tags])).toEqual([
      ['i-2', ['igrid-emr-core'], {}],
      ['vol-1', [], TAGGED],
      ['snap-1', [], {}],
      ['lt-1', ['igrid-replay-x'], {}],
      ['eipalloc-1', [], TAGGED],
    ]);
  });

  test('EC2 for the network, with interfaces that services made in our groups or for our functions', async () => {
    answering(mockClient(EC2Client))
      .on(DescribeNetworkInterfacesCommand)
      .resolves({
        NetworkInterfaces: [
          { NetworkInterfaceId: 'eni-1', Status: 'in-use', Groups: [{ GroupName: 'igrid-database' }] },
          {
            NetworkInterfaceId: 'eni-2',
            Status: 'available',
            Description: 'AWS Lambda VPC ENI-igrid-foundation-setup-1a2b',
          },
        ],
      })
      .on(DescribeNatGatewaysCommand)
      .resolves({
        NatGateways: [
          { NatGatewayId: 'nat-1', State: 'deleted', Tags: TAGS },
          { NatGatewayId: 'nat-2', State: 'deleting', Tags: TAGS },
        ],
      })
      .on(DescribeVpcEndpointsCommand)
      .resolves({ VpcEndpoints: [{ VpcEndpointId: 'vpce-1', State: 'Available', Tags: TAGS }] })
      .on(DescribeSecurityGroupsCommand)
      .resolves({ SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'igrid-brokers' }] })
      .on(DescribeFlowLogsCommand)
      .resolves({ FlowLogs: [{ FlowLogId: 'fl-1', LogGroupName: 'igrid-network-flow' }] })
      .on(DescribeSubnetsCommand)
      .resolves({ Subnets: [{ SubnetId: 'subnet-1', Tags: TAGS }] })
      .on(DescribeInternetGatewaysCommand)
      .resolves({ InternetGateways: [{ InternetGatewayId: 'igw-1', Tags: TAGS }] })
      .on(DescribeVpcsCommand)
      .resolves({ Vpcs: [{ VpcId: 'vpc-1', Tags: TAGS }] });
    const candidates = await found('EC2 network');
    expect(candidates.map(({ id }) => id)).toEqual([
      ...['eni-1', 'eni-2', 'nat-2', 'vpce-1', 'sg-1', 'fl-1', 'subnet-1', 'igw-1', 'vpc-1'],
    ]);
    expect(candidates[0]?.names).toEqual(['igrid-database']);
    expect(candidates[1]?.names).toEqual(['igrid-foundation-setup-1a2b']);
  });

  test('both Auto Scalings for groups, and for the targets of broker disks', async () => {
    answering(mockClient(AutoScalingClient))
      .on(DescribeAutoScalingGroupsCommand)
      .resolves({
        AutoScalingGroups: [
          {
            AutoScalingGroupName: 'igrid-replay-x',
            Status: 'Delete in progress',
            Tags: TAGS,
            MinSize: 0,
            MaxSize: 0,
            DesiredCapacity: 0,
            DefaultCooldown: 300,
            AvailabilityZones: ['eu-central-1a'],
            HealthCheckType: 'EC2',
            CreatedTime: new Date(),
          },
        ],
      });
    answering(mockClient(ApplicationAutoScalingClient))
      .on(DescribeScalableTargetsCommand, { ServiceNamespace: 'kafka' })
      .resolves({
        ScalableTargets: [
          {
            ServiceNamespace: 'kafka',
            ResourceId: 'arn:aws:kafka:eu-central-1:123456789012:cluster/igrid/0a-1',
            ScalableDimension: 'kafka:broker-storage:VolumeSize',
            MinCapacity: 100,
            MaxCapacity: 1_000,
            RoleARN: 'arn:aws:iam::123456789012:role/scaling',
            CreationTime: new Date(),
          },
        ],
      });
    expect(await found('Auto Scaling')).toMatchObject([{ id: 'igrid-replay-x', state: 'Delete in progress' }]);
    expect(await found('Application Auto Scaling')).toMatchObject([{ names: ['igrid'] }]);
  });

  test('EMR for living clusters, and whose bucket a security configuration names', async () => {
    const emr = answering(mockClient(EMRClient));
    emr
      .on(ListClustersCommand)
      .resolves({ Clusters: [{ Id: 'j-1', Name: 'igrid-spark', Status: { State: 'TERMINATING' } }] })
      .on(ListSecurityConfigurationsCommand)
      .resolves({ SecurityConfigurations: [{ Name: 'emrsecurity-1A' }] })
      .on(DescribeSecurityConfigurationCommand, { Name: 'emrsecurity-1A' })
      .resolves({ SecurityConfiguration: '{"S3Object":"s3://igrid-foundation-trust-1/emr/certificates.zip"}' });
    expect(await found('EMR')).toEqual([
      { type: 'AWS::EMR::Cluster', id: 'j-1', names: ['igrid-spark'], state: 'TERMINATING' },
      {
        type: 'AWS::EMR::SecurityConfiguration',
        id: 'emrsecurity-1A',
        names: ['emrsecurity-1A', 'igrid-foundation-trust-1'],
      },
    ]);
    expect(emr.commandCalls(ListClustersCommand)[0]?.args[0].input.ClusterStates).not.toContain('TERMINATED');
  });

  test('MSK for clusters and configurations', async () => {
    answering(mockClient(KafkaClient))
      .on(ListClustersV2Command)
      .resolves({ ClusterInfoList: [{ ClusterArn: 'arn:c', ClusterName: 'igrid', State: 'DELETING', Tags: TAGGED }] })
      .on(ListConfigurationsCommand)
      .resolves({
        Configurations: [
          {
            Arn: 'arn:f',
            Name: 'igrid-kafka',
            State: 'ACTIVE',
            CreationTime: new Date(),
            Description: '',
            KafkaVersions: [],
            LatestRevision: { Revision: 1, CreationTime: new Date() },
          },
        ],
      });
    expect((await found('MSK')).map(({ type, names, state }) => [type, names, state])).toEqual([
      ['AWS::MSK::Cluster', ['igrid'], 'DELETING'],
      ['AWS::MSK::Configuration', ['igrid-kafka'], 'ACTIVE'],
    ]);
  });

  test('RDS for the instance and for what outlives it', async () => {
    answering(mockClient(RDSClient))
      .on(DescribeDBInstancesCommand)
      .resolves({ DBInstances: [{ DBInstanceIdentifier: 'igrid-metadata', DBInstanceStatus: 'deleting' }] })
      .on(DescribeDBSnapshotsCommand)
      .resolves({
        DBSnapshots: [
          { DBSnapshotIdentifier: 'rds:x', DBInstanceIdentifier: 'igrid-metadata', Status: 'available', TagList: TAGS },
        ],
      })
      .on(DescribeDBInstanceAutomatedBackupsCommand)
      .resolves({
        DBInstanceAutomatedBackups: [
          { DbiResourceId: 'db-1', DBInstanceIdentifier: 'igrid-metadata', Status: 'retained' },
        ],
      })
      .on(DescribeDBSubnetGroupsCommand)
      .resolves({ DBSubnetGroups: [{ DBSubnetGroupName: 'igrid-foundation-subnets' }] })
      .on(DescribeDBParameterGroupsCommand)
      .resolves({ DBParameterGroups: [{ DBParameterGroupName: 'default.postgres17' }] });
    expect((await found('RDS')).map(({ id, names, state }) => [id, names, state])).toEqual([
      ['igrid-metadata', ['igrid-metadata'], 'deleting'],
      ['rds:x', ['rds:x', 'igrid-metadata'], 'available'],
      ['db-1', ['igrid-metadata'], 'retained'],
      ['igrid-foundation-subnets', ['igrid-foundation-subnets'], undefined],
      ['default.postgres17', ['default.postgres17'], undefined],
    ]);
  });

  test('S3, Lambda, CloudWatch Logs, SNS, Budgets and Route 53 for what bears a name', async () => {
    answering(mockClient(S3Client))
      .on(ListBucketsCommand, { BucketRegion: 'eu-central-1' })
      .resolves({ Buckets: [{ Name: 'igrid-a' }] });
    answering(mockClient(LambdaClient))
      .on(ListFunctionsCommand)
      .resolves({ Functions: [{ FunctionName: 'igrid-f' }] });
    answering(mockClient(CloudWatchLogsClient))
      .on(DescribeLogGroupsCommand)
      .resolves({ logGroups: [{ logGroupName: '/aws/rds/instance/igrid-metadata/postgresql' }] });
    answering(mockClient(SNSClient))
      .on(ListTopicsCommand)
      .resolves({ Topics: [{ TopicArn: 'arn:aws:sns:eu-central-1:123456789012:igrid-t' }] });
    answering(mockClient(BudgetsClient))
      .on(DescribeBudgetsCommand, { AccountId: '123456789012' })
      .resolves({ Budgets: [{ BudgetName: 'igrid-monthly', TimeUnit: 'MONTHLY', BudgetType: 'COST' }] });
    answering(mockClient(Route53Client))
      .on(ListHostedZonesCommand)
      .resolves({ HostedZones: [{ Id: '/hostedzone/Z1', Name: 'igrid.internal.', CallerReference: '1' }] });
    const names = async (check: string) => (await found(check)).flatMap((candidate) => candidate.names);
    expect(await names('S3')).toEqual(['igrid-a']);
    expect(await names('Lambda')).toEqual(['igrid-f']);
    expect(await names('CloudWatch Logs')).toContain('igrid-metadata');
    expect(await names('SNS')).toEqual(['igrid-t']);
    expect(await names('Budgets')).toEqual(['igrid-monthly']);
    expect(await names('Route 53')).toEqual(['igrid']);
  });

  test('Secrets Manager also for secrets that wait for their end', async () => {
    answering(mockClient(SecretsManagerClient))
      .on(ListSecretsCommand, { IncludePlannedDeletion: true })
      .resolves({
        SecretList: [
          { Name: 'a', Tags: TAGS },
          { Name: 'b', Tags: TAGS, DeletedDate: new Date() },
        ],
      });
    expect((await found('Secrets Manager')).map(({ id, state }) => [id, state])).toEqual([
      ['a', undefined],
      ['b', 'PendingDeletion'],
    ]);
  });

  test("KMS for the account's own keys, and takes the description of one whose tags it may not see", async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    answering(mockClient(KMSClient))
      .on(ListKeysCommand)
      .resolves({ Keys: [{ KeyId: 'k-1' }, { KeyId: 'k-2' }, { KeyId: 'k-aws' }] })
      .on(DescribeKeyCommand, { KeyId: 'k-1' })
      .resolves({ KeyMetadata: { KeyId: 'k-1', KeyManager: 'CUSTOMER', KeyState: 'PendingDeletion' } })
      .on(DescribeKeyCommand, { KeyId: 'k-2' })
      .resolves({
        KeyMetadata: { KeyId: 'k-2', KeyManager: 'CUSTOMER', KeyState: 'Enabled', Description: 'igrid: EMR disks' },
      })
      .on(DescribeKeyCommand, { KeyId: 'k-aws' })
      .resolves({ KeyMetadata: { KeyId: 'k-aws', KeyManager: 'AWS' } })
      .on(ListResourceTagsCommand, { KeyId: 'k-1' })
      .resolves({ Tags: [{ TagKey: 'project', TagValue: 'igrid' }] })
      .on(ListResourceTagsCommand, { KeyId: 'k-2' })
      .rejects(denied);
    expect(await found('KMS')).toEqual([
      { type: 'AWS::KMS::Key', id: 'k-1', names: [], tags: TAGGED, state: 'PendingDeletion' },
      { type: 'AWS::KMS::Key', id: 'k-2', names: ['igrid'], state: 'Enabled' },
    ]);
  });

  test('CloudWatch for alarms, dashboards, and for metrics as one', async () => {
    answering(mockClient(CloudWatchClient))
      .on(DescribeAlarmsCommand, { AlarmNamePrefix: 'igrid-' })
      .resolves({ MetricAlarms: [{ AlarmName: 'igrid-a' }], CompositeAlarms: [{ AlarmName: 'igrid-c' }] })
      .on(ListDashboardsCommand, { DashboardNamePrefix: 'igrid-' })
      .resolves({ DashboardEntries: [{ DashboardName: 'igrid-operator' }] })
      .on(ListMetricsCommand, { Namespace: 'iGrid/igrid' })
      .resolves({ Metrics: [{ MetricName: 'a' }, { MetricName: 'b' }] });
    expect((await found('CloudWatch')).map(({ id }) => id)).toEqual([
      ...['igrid-a', 'igrid-c', 'igrid-operator', 'iGrid/igrid (2)'],
    ]);
  });

  test('Step Functions and Systems Manager by the tag, since names there lack the stack', async () => {
    answering(mockClient(SFNClient))
      .on(ListStateMachinesCommand)
      .resolves({
        stateMachines: [{ name: 'waiter-1', stateMachineArn: 'arn:1', type: 'STANDARD', creationDate: new Date() }],
      })
      .on(ListTagsForResourceCommand, { resourceArn: 'arn:1' })
      .resolves({ tags: [{ key: 'project', value: 'igrid' }] });
    answering(mockClient(SSMClient))
      .on(DescribeParametersCommand, { ParameterFilters: [{ Key: 'tag:project', Values: ['igrid'] }] })
      .resolves({ Parameters: [{ Name: 'CFN-state-1' }] })
      .on(ListDocumentsCommand, { Filters: [{ Key: 'Owner', Values: ['Self'] }] })
      .resolves({ DocumentIdentifiers: [{ Name: 'druid-specs', Tags: TAGS }] });
    expect(await found('Step Functions')).toMatchObject([{ id: 'waiter-1', tags: TAGGED }]);
    expect(await found('Systems Manager')).toMatchObject([
      { id: 'CFN-state-1', tags: TAGGED },
      { id: 'druid-specs', tags: TAGGED },
    ]);
  });

  test('IAM for roles, profiles and policies, and for the service-linked roles of the services in use', async () => {
    const made = { CreateDate: new Date() };
    const role = (RoleName: string, Path: string) => ({ RoleName, Path, RoleId: 'A', Arn: `arn:${RoleName}`, ...made });
    answering(mockClient(IAMClient))
      .on(ListRolesCommand)
      .resolves({
        Roles: [
          role('igrid-network-x', '/'),
          role('AWSServiceRoleForKafka', '/aws-service-role/kafka.amazonaws.com/'),
          role('AWSServiceRoleForSupport', '/aws-service-role/support.amazonaws.com/'),
        ],
      })
      .on(ListInstanceProfilesCommand)
      .resolves({
        InstanceProfiles: [
          { InstanceProfileName: 'igrid-p', Path: '/', InstanceProfileId: 'A', Arn: 'arn:p', Roles: [], ...made },
        ],
      })
      .on(ListPoliciesCommand, { Scope: 'Local' })
      .resolves({ Policies: [{ PolicyName: 'igrid-q' }] });
    expect((await found('IAM')).map(({ type, id }) => [type, id])).toEqual([
      ['AWS::IAM::Role', 'igrid-network-x'],
      ['AWS::IAM::ServiceLinkedRole', 'AWSServiceRoleForKafka'],
      ['AWS::IAM::Role', 'AWSServiceRoleForSupport'],
      ['AWS::IAM::InstanceProfile', 'igrid-p'],
      ['AWS::IAM::ManagedPolicy', 'igrid-q'],
    ]);
  });

  test('EventBridge for rules, page by page although the SDK has no paginator', async () => {
    answering(mockClient(EventBridgeClient))
      .on(ListRulesCommand)
      .resolves({ Rules: [{ Name: 'igrid-2' }] })
      .on(ListRulesCommand, { NextToken: undefined })
      .resolves({ Rules: [{ Name: 'igrid-1' }], NextToken: 'more' });
    expect((await found('EventBridge')).map(({ id }) => id)).toEqual(['igrid-1', 'igrid-2']);
  });

  test('the tagging API for what no other check lists', async () => {
    const arn = (rest: string) => ({ ResourceARN: `arn:aws:${rest}`, Tags: TAGS });
    answering(mockClient(ResourceGroupsTaggingAPIClient))
      .on(GetResourcesCommand, { TagFilters: [{ Key: 'project', Values: ['igrid'] }] })
      .resolves({
        ResourceTagMappingList: [
          arn('ec2:eu-central-1:123456789012:instance/i-gone'),
          arn('elasticfilesystem:eu-central-1:123456789012:file-system/fs-1'),
        ],
      });
    expect(await found('anything tagged')).toMatchObject([{ type: 'elasticfilesystem:file-system', tags: TAGGED }]);
  });
});

test.each([
  ['arn:aws:s3:::bucket', 's3'],
  ['arn:aws:sns:eu-central-1:1:topic', 'sns'],
  ['arn:aws:ec2:eu-central-1:1:vpc/vpc-1', 'ec2:vpc'],
  ['arn:aws:logs:eu-central-1:1:log-group:/a/b', 'logs:log-group'],
  ['arn:aws:autoscaling:eu-central-1:1:autoScalingGroup:u:autoScalingGroupName/a', 'autoscaling:autoScalingGroup'],
])('the kind of %s is %s', (arn, kind) => {
  expect(kindOf(arn)).toBe(kind);
});
