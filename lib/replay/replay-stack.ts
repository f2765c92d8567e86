import { CfnOutput } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { z } from 'zod';

import { TOPICS } from '../../src/core/messages/topics.ts';
import type { replaySettings } from '../../src/hosts/settings/replay.ts';
import { PROGRAM_FILES } from '../assets/program-files.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import { grantDownload } from '../downloads/grants.ts';
import { Host } from '../hosts/host.ts';
import { HostRole } from '../hosts/host-role.ts';
import type { KafkaStack } from '../kafka/kafka-stack.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import { GridStack } from '../stack/grid-stack.ts';

export interface ReplayStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly kafka: KafkaStack;
}

/** Hosts that replay data sets as live readings, or what a gateway of real meters needs in their place. */
export class ReplayStack extends GridStack {
  /** Absent without hosts. */
  readonly role: HostRole | undefined;
  readonly hosts: readonly Host[];

  constructor(scope: Construct, { config, network, downloads, kafka: { cluster } }: ReplayStackProps) {
    super(scope, 'replay', { config, description: 'iGrid: hosts that replay data sets into Kafka' });
    const { replay } = config;
    const securityGroup = network.securityGroups.of('replay');
    // Also what keeps the stack from being empty without hosts, which CloudFormation refuses.
    const gateway = new iam.ManagedPolicy(this, 'gateway', {
      description: `${config.name}: what a gateway of real meters may do in Kafka`,
    });
    cluster.access.grantProduce(gateway, TOPICS.powerraw);
    new CfnOutput(this, 'Gateway', {
      value: `security group ${securityGroup.securityGroupId}, policy ${gateway.managedPolicyArn}, MSK cluster ${cluster.clusterArn}, topic ${TOPICS.powerraw}`,
      description:
        'A meter gateway: in this group, with an IAM role that has this policy, Avro as in src/core/messages/powerraw.avsc, key house_id',
    });
    const hosts: Host[] = [];
    this.hosts = hosts;
    if (replay.hosts === 0) {
      return;
    }

    this.role = new HostRole(this, 'replay', {
      config,
      downloads,
      name: 'replay',
      contents: {
        'replay.mjs': { program: 'src/replay/replay.main.ts' },
        ...PROGRAM_FILES,
        'sample-data': { from: 'sample-data' },
      },
    });
    cluster.access.grantProduce(this.role.iamRole, TOPICS.powerraw);
    for (const dataSet of [replay.redd, replay.greend]) {
      grantDownload(this.role.iamRole, dataSet);
    }
    for (let index = 0; index < replay.hosts; index += 1) {
      const subnets = network.vpc.privateSubnets;
      const subnet = subnets[index % subnets.length];
      if (!subnet) {
        throw new Error('the VPC has no private subnet');
      }
      const host = new Host(this, `replay-${index}`, {
        config,
        role: this.role,
        hostName: `${config.name}-replay-${index}`,
        instanceType: replay.instanceType,
        vpc: network.vpc,
        subnet,
        securityGroup,
        rootDiskGiB: replay.redd === undefined && replay.greend === undefined ? 10 : 40,
        settings: {
          ...cluster.hostSettings,
          TOPIC: TOPICS.powerraw,
          SPEED: config.speed,
          EPOCH_MS: replay.epochMs,
          PLAYBACKS_FROM: index * replay.playbacksPerHost,
          PLAYBACKS_TO: (index + 1) * replay.playbacksPerHost,
          REDD_URL: replay.redd ?? '',
          GREEND_URL: replay.greend ?? '',
        } satisfies z.input<typeof replaySettings>,
      });
      hosts.push(host);
    }
  }
}
