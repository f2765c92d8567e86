import { Fn } from 'aws-cdk-lib';
import * as msk from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';

import type { Topic } from '../../src/core/messages/topics.ts';
import type { GridConfig } from '../config/schema.ts';

const HOUR_MS = 3_600_000;

export interface TopicsProps {
  readonly clusterArn: string;
  readonly topics: GridConfig['kafka']['topics'];
}

/** The grid's topics, made by AWS itself: no client, no network, removed with the stack. */
export class Topics extends Construct {
  readonly resources: readonly msk.CfnTopic[];

  constructor(scope: Construct, id: string, props: TopicsProps) {
    super(scope, id);
    this.resources = (Object.keys(props.topics) as Topic[]).map((name) => {
      const { partitions, replication, minInSyncReplicas, retentionHours } = props.topics[name];
      return new msk.CfnTopic(this, name, {
        clusterArn: props.clusterArn,
        topicName: name,
        partitionCount: partitions,
        replicationFactor: replication,
        configs: topicConfigs({
          'min.insync.replicas': minInSyncReplicas,
          'retention.ms': retentionHours * HOUR_MS,
        }),
      });
    });
  }
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** By name in alphabetical order, so that the same settings are the same text. */
const sorted = (settings: Settings): [string, string][] =>
  Object.entries(settings)
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * A topic's settings as MSK's CreateTopic takes them: base64 of a JSON object of strings. AWS' reference says only
 * "encoded as a Base64 string"; Terraform's aws_msk_topic, whose acceptance tests run on AWS, encodes a JSON object and
 * decodes one from what DescribeTopic returns (hashicorp/terraform-provider-aws#46490). Pulumi documents the same.
 */
export function topicConfigs(settings: Settings): string {
  return Fn.base64(JSON.stringify(Object.fromEntries(sorted(settings))));
}

/** Java properties, as AWS::MSK::Configuration takes the brokers' own settings. */
export function properties(settings: Settings): string {
  return sorted(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
