import { Duration, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';

import type { GridStack } from '../stack/grid-stack.ts';

export interface DruidAddressProps {
  readonly stack: GridStack;
  /** The subnet of the host. */
  readonly subnet: ec2.ISubnet;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly zone: route53.IPrivateHostedZone;
  /** DNS name, within the zone. */
  readonly dnsName: string;
  /** Tag `Name` of the hosts that may take it. */
  readonly hostName: string;
}

/**
 * A network interface that outlives every host: a host takes it as it starts, so a host that is replaced keeps the
 * address, and the name is a record of the stack that nothing writes at run time.
 */
export class DruidAddress extends Construct {
  readonly networkInterfaceId: string;
  readonly privateAddress: string;
  readonly #props: DruidAddressProps;

  constructor(scope: Construct, id: string, props: DruidAddressProps) {
    super(scope, id);
    this.#props = props;
    const networkInterface = new ec2.CfnNetworkInterface(this, 'interface', {
      subnetId: props.subnet.subnetId,
      groupSet: [props.securityGroup.securityGroupId],
      description: `${props.dnsName}: taken by the Druid host as it starts`,
    });
    Tags.of(networkInterface).add('Name', props.dnsName);
    this.networkInterfaceId = networkInterface.attrId;
    this.privateAddress = networkInterface.attrPrimaryPrivateIpAddress;
    new route53.ARecord(this, 'record', {
      zone: props.zone,
      recordName: props.dnsName,
      target: route53.RecordTarget.fromIpAddresses(this.privateAddress),
      ttl: Duration.minutes(1),
    });
  }

  /** May attach the interface to hosts of its name, and take it from one that is dead. */
  grantTake(role: iam.IRole): void {
    const { stack, hostName } = this.#props;
    const actions = ['ec2:AttachNetworkInterface', 'ec2:DetachNetworkInterface'];
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions,
        resources: [
          stack.formatArn({
            service: 'ec2',
            resource: 'network-interface',
            resourceName: this.networkInterfaceId,
          }),
        ],
      }),
    );
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions,
        resources: [stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })],
        conditions: { StringEquals: { 'ec2:ResourceTag/Name': hostName } },
      }),
    );
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces'],
        // EC2's Describe actions take no resource.
        resources: ['*'],
      }),
    );
  }
}
