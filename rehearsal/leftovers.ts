/** What a destroyed deployment has left: in the emulated account, and on this computer. */
import {
  DescribeAddressesCommand,
  DescribeFlowLogsCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { EMRClient, ListClustersCommand } from '@aws-sdk/client-emr';
import {
  KafkaClient,
  ListClustersCommand as ListKafkaClusters,
  ListConfigurationsCommand,
} from '@aws-sdk/client-kafka';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { execa } from 'execa';

import { LINK } from './addresses.ts';
import { CLIENT, s3 } from './cloud.ts';
import { controlGroups } from './control-groups.ts';

/** What the CDK bootstrap and the rehearsal itself put into the account. */
const EXPECTED = [/^cdk-hnb659fds-/, /^\/cdk-bootstrap\//, /^igrid-rehearsal-mirror$/];

type Names = readonly (string | undefined)[];

/**
 * Asks each service for what it has: the tagging API knows only a part.
 *
 * @returns `kind name` of each thing that should not be there.
 */
export async function leftInCloud(): Promise<string[]> {
  const ec2 = new EC2Client(CLIENT);
  const emr = new EMRClient(CLIENT);
  const kafka = new KafkaClient(CLIENT);
  const rds = new RDSClient(CLIENT);
  const ssm = new SSMClient(CLIENT);
  const secrets = new SecretsManagerClient(CLIENT);
  const buckets = s3();
  const asked: Record<string, Promise<Names>> = {
    address: ec2.send(new DescribeAddressesCommand({})).then((a) => (a.Addresses ?? []).map((x) => x.PublicIp)),
    'flow log': ec2.send(new DescribeFlowLogsCommand({})).then((a) => (a.FlowLogs ?? []).map((x) => x.FlowLogId)),
    instance: ec2.send(new DescribeInstancesCommand({})).then((a) =>
      (a.Reservations ?? [])
        .flatMap((r) => r.Instances ?? [])
        .filter((x) => x.State?.Name !== 'terminated')
        .map((x) => x.InstanceId),
    ),
    'launch template': ec2
      .send(new DescribeLaunchTemplatesCommand({}))
      .then((a) => (a.LaunchTemplates ?? []).map((x) => x.LaunchTemplateName)),
    'NAT gateway': ec2
      .send(new DescribeNatGatewaysCommand({}))
      .then((a) => (a.NatGateways ?? []).filter((x) => x.State !== 'deleted').map((x) => x.NatGatewayId)),
    'network interface': ec2
      .send(new DescribeNetworkInterfacesCommand({}))
      .then((a) => (a.NetworkInterfaces ?? []).map((x) => x.NetworkInterfaceId)),
    'security group': ec2
      .send(new DescribeSecurityGroupsCommand({}))
      .then((a) => (a.SecurityGroups ?? []).filter((x) => x.GroupName !== 'default').map((x) => x.GroupName)),
    VPC: ec2
      .send(new DescribeVpcsCommand({}))
      .then((a) => (a.Vpcs ?? []).filter((x) => x.IsDefault !== true).map((x) => x.VpcId)),
    'EMR cluster': emr
      .send(new ListClustersCommand({}))
      .then((a) => (a.Clusters ?? []).filter((x) => !x.Status?.State?.startsWith('TERM')).map((x) => x.Id)),
    'MSK cluster': kafka
      .send(new ListKafkaClusters({}))
      .then((a) => (a.ClusterInfoList ?? []).map((x) => x.ClusterName)),
    'MSK configuration': kafka
      .send(new ListConfigurationsCommand({}))
      .then((a) => (a.Configurations ?? []).map((x) => x.Name)),
    database: rds
      .send(new DescribeDBInstancesCommand({}))
      .then((a) => (a.DBInstances ?? []).map((x) => x.DBInstanceIdentifier)),
    parameter: ssm.send(new DescribeParametersCommand({})).then((a) => (a.Parameters ?? []).map((x) => x.Name)),
    secret: secrets.send(new ListSecretsCommand({})).then((a) => (a.SecretList ?? []).map((x) => x.Name)),
    bucket: buckets.send(new ListBucketsCommand({})).then((a) => (a.Buckets ?? []).map((x) => x.Name)),
  };
  try {
    const found = await Promise.all(
      Object.entries(asked).map(async ([kind, names]) => (await names).map((name) => ({ kind, name: name ?? '?' }))),
    );
    return found
      .flat()
      .filter(({ name }) => !EXPECTED.some((pattern) => pattern.test(name)))
      .map(({ kind, name }) => `${kind} ${name}`);
  } finally {
    [ec2, emr, kafka, rds, ssm, secrets, buckets].forEach((client) => client.destroy());
  }
}

/**
 * What of a rehearsal is still on this computer once it has been taken down.
 *
 * @param state the rehearsal's folder.
 */
export async function leftOnComputer(state: string): Promise<string[]> {
  const [mounts, links, processes, loops] = await Promise.all([
    execa('findmnt', ['--noheadings', '--list', '--output', 'TARGET'], { reject: false }),
    execa('ip', ['-brief', 'link'], { reject: false }),
    execa('ps', ['-eo', 'pid=,args='], { reject: false }),
    execa('losetup', ['--noheadings', '--raw', '--output', 'BACK-FILE'], { reject: false }),
  ]);
  const of = (kind: string, text: string, test: (line: string) => boolean): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(test)
      .map((line) => `${kind} ${line.slice(0, 120)}`);
  return [
    ...of('mount', mounts.stdout, (line) => line.startsWith(state)),
    ...of('loop device', loops.stdout, (line) => line.startsWith(state)),
    ...of('interface', links.stdout, (line) => line.startsWith(LINK)),
    ...(await controlGroups()).map((group) => `control group ${group}`),
    ...of('process', processes.stdout, (line) => line.includes(`${state}/`) && !line.startsWith(`${process.pid} `)),
  ];
}
