import { RemovalPolicy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as msk from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import type { z } from 'zod';

import type { kafkaSettings } from '../../src/hosts/settings/shared.ts';
import { dataRemovalPolicy, logRetention } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { KafkaAccess } from './kafka-access.ts';
import { StorageScaling } from './storage-scaling.ts';
import { properties, Topics } from './topics.ts';

export interface KafkaClusterProps {
  readonly config: GridConfig;
  readonly vpc: ec2.IVpc;
  /** Must never be replaced: MSK would replace the whole cluster with it. */
  readonly securityGroup: ec2.ISecurityGroup;
}

/** Kafka on MSK: one way in (IAM over TLS, unless it is a rehearsal), encrypted disks that grow, the grid's topics. */
export class KafkaCluster extends Construct {
  readonly cluster: msk.CfnCluster;
  readonly clusterArn: string;
  readonly access: KafkaAccess;
  /** What a host is told: ec2-userdata/common/kafka.sh asks for the brokers with it whenever a program starts. */
  readonly hostSettings: z.input<typeof kafkaSettings>;

  constructor(scope: Construct, id: string, props: KafkaClusterProps) {
    super(scope, id);
    const { config, vpc } = props;
    const { kafka } = config;
    const clusterName = config.name;

    const brokerLog = new logs.LogGroup(this, 'broker-log', {
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const configuration = this.#configuration(config);
    // MSK refuses to delete the configuration of a cluster that stays.
    configuration.applyRemovalPolicy(dataRemovalPolicy(config));

    this.cluster = new msk.CfnCluster(this, 'cluster', {
      clusterName,
      kafkaVersion: kafka.version,
      numberOfBrokerNodes: kafka.brokers,
      brokerNodeGroupInfo: {
        instanceType: kafka.brokerType,
        clientSubnets: vpc.privateSubnets.map((subnet) => subnet.subnetId),
        securityGroups: [props.securityGroup.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: kafka.storageGiB } },
      },
      configurationInfo: { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision },
      clientAuthentication: {
        sasl: { iam: { enabled: kafka.auth === 'iam' } },
        unauthenticated: { enabled: kafka.auth === 'none' },
      },
      encryptionInfo: {
        encryptionInTransit: { clientBroker: kafka.auth === 'iam' ? 'TLS' : 'PLAINTEXT', inCluster: true },
      },
      // Disks are encrypted with the account's own aws/kafka key when none is named.
      // Free, with all that alarms and dashboards ask for. The levels above are billed as custom metrics: per topic and
      // broker more than 100 USD a month for the seed.
      enhancedMonitoring: 'DEFAULT',
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: brokerLog.logGroupName } } },
    });
    this.cluster.applyRemovalPolicy(dataRemovalPolicy(config));
    this.clusterArn = this.cluster.attrArn;
    this.access = new KafkaAccess(this.clusterArn);
    this.hostSettings = { CLUSTER_ARN: this.clusterArn, KAFKA_AUTH: kafka.auth };

    new StorageScaling(this, 'storage-scaling', { clusterArn: this.clusterArn, ...kafka });
    const topics = new Topics(this, 'topics', { clusterArn: this.clusterArn, topics: kafka.topics });
    for (const topic of topics.resources) {
      topic.applyRemovalPolicy(dataRemovalPolicy(config));
    }
  }

  /** What holds for topics that say nothing else, and for Kafka's own. */
  #configuration(config: GridConfig): msk.CfnConfiguration {
    const { powerraw } = config.kafka.topics;
    return new msk.CfnConfiguration(this, 'configuration', {
      name: `${config.name}-kafka`,
      description: 'Defaults of the brokers',
      serverProperties: properties({
        'auto.create.topics.enable': false,
        'default.replication.factor': powerraw.replication,
        'min.insync.replicas': powerraw.minInSyncReplicas,
        'num.partitions': powerraw.partitions,
        'unclean.leader.election.enable': false,
      }),
      latestRevision: {},
    });
  }
}
