import {
  EC2Client,
  paginateDescribeFlowLogs,
  paginateDescribeInternetGateways,
  paginateDescribeNatGateways,
  paginateDescribeNetworkInterfaces,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';

import { type Candidate, clientOf, present, type Scope, tagsOf } from '../candidate.ts';

/** "AWS Lambda VPC ENI-igrid-foundation-setup-1a2b...": what Lambda calls the interfaces of a function. */
const LAMBDA_INTERFACE = /^AWS Lambda VPC ENI-(.+)$/;

/** The network and whatever in it keeps it from going: interfaces above all. */
export async function* ec2Network({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new EC2Client(clientOf(region));
  for await (const { NetworkInterfaces = [] } of paginateDescribeNetworkInterfaces({ client }, {})) {
    for (const { NetworkInterfaceId = '', Status = '', TagSet, Groups = [], Description = '' } of NetworkInterfaces) {
      yield {
        type: 'AWS::EC2::NetworkInterface',
        id: NetworkInterfaceId,
        // Services make interfaces without tags, in the deployment's security groups.
        names: present(...Groups.map((group) => group.GroupName), LAMBDA_INTERFACE.exec(Description)?.[1]),
        tags: tagsOf(TagSet),
        state: Status,
      };
    }
  }
  for await (const { NatGateways = [] } of paginateDescribeNatGateways({ client }, {})) {
    for (const { NatGatewayId = '', State = '', Tags } of NatGateways) {
      // EC2 shows a deleted gateway for about an hour.
      if (State !== 'deleted') {
        yield { type: 'AWS::EC2::NatGateway', id: NatGatewayId, names: [], tags: tagsOf(Tags), state: State };
      }
    }
  }
  for await (const { VpcEndpoints = [] } of paginateDescribeVpcEndpoints({ client }, {})) {
    for (const { VpcEndpointId = '', State = '', Tags } of VpcEndpoints) {
      if (State.toLowerCase() !== 'deleted') {
        yield { type: 'AWS::EC2::VPCEndpoint', id: VpcEndpointId, names: [], tags: tagsOf(Tags), state: State };
      }
    }
  }
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client }, {})) {
    for (const { GroupId = '', GroupName, Tags } of SecurityGroups) {
      yield { type: 'AWS::EC2::SecurityGroup', id: GroupId, names: present(GroupName), tags: tagsOf(Tags) };
    }
  }
  for await (const { FlowLogs = [] } of paginateDescribeFlowLogs({ client }, {})) {
    for (const { FlowLogId = '', LogGroupName, Tags } of FlowLogs) {
      yield { type: 'AWS::EC2::FlowLog', id: FlowLogId, names: present(LogGroupName), tags: tagsOf(Tags) };
    }
  }
  for await (const { Subnets = [] } of paginateDescribeSubnets({ client }, {})) {
    for (const { SubnetId = '', Tags } of Subnets) {
      yield { type: 'AWS::EC2::Subnet', id: SubnetId, names: [], tags: tagsOf(Tags) };
    }
  }
  for await (const { InternetGateways = [] } of paginateDescribeInternetGateways({ client }, {})) {
    for (const { InternetGatewayId = '', Tags } of InternetGateways) {
      yield { type: 'AWS::EC2::InternetGateway', id: InternetGatewayId, names: [], tags: tagsOf(Tags) };
    }
  }
  for await (const { Vpcs = [] } of paginateDescribeVpcs({ client }, {})) {
    for (const { VpcId = '', Tags } of Vpcs) {
      yield { type: 'AWS::EC2::VPC', id: VpcId, names: [], tags: tagsOf(Tags) };
    }
  }
}
