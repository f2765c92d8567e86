import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { DataBucket } from '../assets/data-bucket.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import type { KafkaStack } from '../kafka/kafka-stack.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { EmrCluster } from './emr-cluster.ts';
import { Job } from './job.ts';
import { StepController } from './step-controller.ts';

export interface SparkStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly kafka: KafkaStack;
}

/** Spark on EMR, and the one job that turns readings into duty cycles. */
export class SparkStack extends GridStack {
  readonly emr: EmrCluster;
  readonly controller: StepController;

  constructor(scope: Construct, { config, network, downloads, foundation, kafka: { cluster } }: SparkStackProps) {
    super(scope, 'spark', { config, description: 'iGrid: Spark on EMR and the duty-cycle job' });
    const bucket = new DataBucket(this, 'bucket', {
      config,
      expireDays: { 'logs/': config.operations.logRetentionDays },
      // Spark deletes a checkpoint's files after a hundred batches: of a longer past nothing could be restored as a whole.
      keepVersionsDays: 1,
    });
    this.emr = new EmrCluster(this, 'emr', {
      config,
      downloads,
      vpc: network.vpc,
      kafkaClients: network.securityGroups.of('spark'),
      key: foundation.key,
      authority: foundation.authority,
      bucket,
    });
    const job = new Job(this, 'job', { config, kafka: cluster, bucket });
    job.grantRun(this.emr.roles.nodes);
    this.controller = new StepController(this, 'controller', {
      config,
      clusterId: this.emr.clusterId,
      stepArguments: job.stepArguments,
    });
    // Not before the job may do all it needs, and gone before that is taken away.
    this.controller.step.node.addDependency(this.emr.roles, bucket);

    acceptNagFindings(this.emr.roles.nodes, {
      'AwsSolutions-IAM5[Action::kms:*]': 'kms:GenerateDataKey* and kms:ReEncrypt* on the one key.',
      'AwsSolutions-IAM5[Action::s3:*]': "CDK's grants name the variants of an action by prefix.",
      'AwsSolutions-IAM5[Resource::<bucket*]': 'Objects below two prefixes of one bucket.',
      'AwsSolutions-IAM5[Resource::{*]': 'Consumer groups of one cluster by prefix.',
    });
    new CfnOutput(this, 'ClusterId', {
      value: this.emr.clusterId,
      description: 'aws emr list-steps --cluster-id <this> shows the job',
    });
  }
}
