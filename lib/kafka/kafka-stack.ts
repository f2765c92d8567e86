import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { KafkaCluster } from './kafka-cluster.ts';

export interface KafkaStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
}

/** Kafka: what every part produces to and consumes from. */
export class KafkaStack extends GridStack {
  readonly cluster: KafkaCluster;

  constructor(scope: Construct, props: KafkaStackProps) {
    super(scope, 'kafka', { config: props.config, description: 'iGrid: Kafka on MSK and its topics' });
    this.cluster = new KafkaCluster(this, 'cluster', {
      config: props.config,
      vpc: props.network.vpc,
      securityGroup: props.network.securityGroups.of('brokers'),
    });
    new CfnOutput(this, 'ClusterArn', {
      value: this.cluster.clusterArn,
      description: 'aws kafka get-bootstrap-brokers --cluster-arn <this> names the brokers',
    });
  }
}
