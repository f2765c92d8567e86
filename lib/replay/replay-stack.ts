import { CfnOutput } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { TOPICS } from '../../src/messages/topics.ts';
import { PROGRAM_FILES } from '../assets/program-files.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import { GridStack } from '../grid-stack.ts';
import { grantDownload } from '../hosts/download.ts';
import { HostKind } from '../hosts/host-kind.ts';
import { Machine } from '../hosts/machine.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import type { StreamStack } from '../stream/stream-stack.ts';

export interface ReplayStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly stream: StreamStack;
}

/** Machines that replay data sets as live readings, or what a gateway of real meters needs in their place. */
export class ReplayStack extends GridStack {
  /** Absent without machines. */
  readonly producers: HostKind | undefined;
  readonly machines: readonly Machine[];

  constructor(scope: Construct, { config, network, downloads, stream: { stream } }: ReplayStackProps) {
    super(scope, 'replay', { config, description: 'iGrid: machines that replay data sets into Kafka' });
    const { replay } = config;
    const securityGroup = network.securityGroups.of('producer');
    // Also what keeps the stack from being empty without machines, which CloudFormation refuses.
    const gateway = new iam.ManagedPolicy(this, 'gateway', {
      description: `${config.name}: what a gateway of real meters may do in Kafka`,
    });
    stream.access.grantProduce(gateway, TOPICS.powerraw);
    new CfnOutput(this, 'Gateway', {
      value: `security group ${securityGroup.securityGroupId}, policy ${gateway.managedPolicyArn}, MSK cluster ${stream.clusterArn}, topic ${TOPICS.powerraw}`,
      description:
        'A meter gateway: in this group, with an IAM role that has this policy, Avro as in src/messages/powerraw.avsc, key house_id',
    });
    const machines: Machine[] = [];
    this.machines = machines;
    if (replay.machines === 0) {
      return;
    }

    this.producers = new HostKind(this, 'producers', {
      config,
      downloads,
      kind: 'producer',
      contents: {
        'replay.mjs': { program: 'src/replay/replay.main.ts' },
        ...PROGRAM_FILES,
        'sample-data': { from: 'sample-data' },
      },
    });
    stream.access.grantProduce(this.producers.role, TOPICS.powerraw);
    for (const dataSet of [replay.redd, replay.greend]) {
      grantDownload(this.producers.role, dataSet);
    }
    for (let index = 0; index < replay.machines; index += 1) {
      const subnets = network.vpc.privateSubnets;
      const subnet = subnets[index % subnets.length];
      if (!subnet) {
        throw new Error('the VPC has no private subnet');
      }
      const machine = new Machine(this, `producer-${index}`, {
        config,
        kind: this.producers,
        hostName: `${config.name}-producer-${index}`,
        instanceType: replay.instanceType,
        vpc: network.vpc,
        subnet,
        securityGroup,
        rootDiskGiB: replay.redd === undefined && replay.greend === undefined ? 10 : 40,
        settings: {
          ...stream.hostSettings,
          TOPIC: TOPICS.powerraw,
          SPEED: config.speed,
          EPOCH_MS: replay.epochMs,
          PLAYBACKS_FROM: index * replay.playbacksPerMachine,
          PLAYBACKS_TO: (index + 1) * replay.playbacksPerMachine,
          REDD_URL: replay.redd ?? '',
          GREEND_URL: replay.greend ?? '',
        },
      });
      machines.push(machine);
    }
  }
}
