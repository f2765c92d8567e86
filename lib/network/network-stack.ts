import { RemovalPolicy, Tags, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';

import { logRetention, natGateways } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { EMR_MANAGED_POLICY_TAG } from './emr-tag.ts';
import { allowOwn, natInstances } from './nat-instance.ts';
import { SecurityGroups } from './security-groups.ts';

export interface NetworkStackProps {
  readonly config: GridConfig;
}

/** Addresses and who may talk to whom: a VPC over two or three zones with everything in private subnets. */
export class NetworkStack extends GridStack {
  readonly vpc: ec2.IVpc;
  readonly securityGroups: SecurityGroups;
  /** Names of hosts, resolved inside the VPC only; every record belongs to a stack. */
  readonly zone: route53.PrivateHostedZone;

  constructor(scope: Construct, props: NetworkStackProps) {
    const { config } = props;
    super(scope, 'network', { config, description: 'iGrid: VPC, NAT, security groups' });

    const nat = config.network.nat === 'instance' ? natInstances() : undefined;
    const vpc = new ec2.Vpc(this, 'vpc', {
      ipAddresses: ec2.IpAddresses.cidr(config.network.cidr),
      maxAzs: config.network.zones,
      natGateways: natGateways(config),
      ...(nat ? { natGatewayProvider: nat } : {}),
      // The public subnets hold NAT and nothing else.
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 27 },
        { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      ],
      gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
      // Emptying the default group takes a function with a log group of its own that outlives the stack. Nothing uses
      // the default group (a test holds that), so it stays as AWS makes it.
      restrictDefaultSecurityGroup: false,
    });
    if (nat) {
      allowOwn(nat, vpc);
    }
    // An explicit upcast: CDK's types do not support exactOptionalPropertyTypes.
    this.vpc = vpc as ec2.IVpc;
    if (config.network.availabilityZones) {
      Validations.of(this).acknowledge({
        id: 'CloudFormation-Validate::W3010',
        reason: 'The configuration names the zones: MSK and i3 are not in every one.',
      });
    }
    for (const subnet of this.vpc.privateSubnets) {
      Tags.of(subnet).add(EMR_MANAGED_POLICY_TAG.key, EMR_MANAGED_POLICY_TAG.value);
    }
    this.#logFlows(config);

    this.securityGroups = new SecurityGroups(this, 'security-groups', {
      vpc: this.vpc,
      namePrefix: config.name,
      kafka: config.kafka,
    });
    this.zone = new route53.PrivateHostedZone(this, 'zone', { vpc: this.vpc, zoneName: zoneName(config) });
  }

  #logFlows(config: GridConfig): void {
    const logGroup = new logs.LogGroup(this, 'flow-log', {
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog('flows', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    });
  }
}

/** The domain of the deployment's hosts. */
export function zoneName(config: Pick<GridConfig, 'name'>): string {
  return `${config.name}.internal`;
}

/** Where a host of its own stands. @throws Error when the VPC has no private subnet. */
export function firstPrivateSubnet({ vpc }: Pick<NetworkStack, 'vpc'>): ec2.ISubnet {
  const [subnet] = vpc.privateSubnets;
  if (!subnet) {
    throw new Error('the VPC has no private subnet');
  }
  return subnet;
}
