import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import { GridStack } from '../grid-stack.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import { Stream } from './stream.ts';

export interface StreamStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
}

/** Kafka: what every part produces to and consumes from. */
export class StreamStack extends GridStack {
  readonly stream: Stream;

  constructor(scope: Construct, props: StreamStackProps) {
    super(scope, 'stream', { config: props.config, description: 'iGrid: Kafka on MSK and its topics' });
    this.stream = new Stream(this, 'stream', {
      config: props.config,
      vpc: props.network.vpc,
      securityGroup: props.network.securityGroups.of('brokers'),
    });
    new CfnOutput(this, 'ClusterArn', {
      value: this.stream.clusterArn,
      description: 'aws kafka get-bootstrap-brokers --cluster-arn <this> names the brokers',
    });
  }
}
