/** NAT without gateways: an instance in the public subnet, as AWS' guide describes it. */
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';

/** What leaves through it is logs, metrics, calls of APIs and packages: far below its 32 Mbit/s. */
export const NAT_INSTANCE_TYPE = 't4g.nano';
/** Root disk of Amazon Linux 2023's image, GiB. It holds nothing of the grid. */
export const NAT_DISK_GIB = 8;

/**
 * Instances of Amazon Linux 2023 that CDK configures: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
 * Each deployment that changes the network stack takes the newest image, and so its patches.
 */
export function natInstances(): ec2.NatInstanceProviderV2 {
  return ec2.NatProvider.instanceV2({
    instanceType: new ec2.InstanceType(NAT_INSTANCE_TYPE),
    // The subnet gives no addresses by itself.
    associatePublicIpAddress: true,
    defaultAllowedTraffic: ec2.NatTrafficDirection.OUTBOUND_ONLY,
    // A burst, as at the first boot of all hosts, is slower rather than dearer.
    creditSpecification: ec2.CpuCredits.STANDARD,
  });
}

/** Lets the VPC's own addresses in, and Session Manager in place of SSH. */
export function allowOwn(nat: ec2.NatInstanceProviderV2, vpc: ec2.Vpc): void {
  nat.connections.allowFrom(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.allTraffic(), 'private subnets to the internet');
  for (const { role } of nat.gatewayInstances) {
    role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore'));
  }
}
