import { Fn } from 'aws-cdk-lib';
import * as msk from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';

import type { Topic } from '../../src/messages/topics.ts';
import type { GridConfig } from '../config/schema.ts';

const HOUR_MS = 3_600_000;

export interface TopicsProps {
  readonly clusterArn: string;
  readonly topics: GridConfig['stream']['topics'];
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
        configs: Fn.base64(
          properties({
            'min.insync.replicas': minInSyncReplicas,
            'retention.ms': retentionHours * HOUR_MS,
          }),
        ),
      });
    });
  }
}

/** Java properties, sorted so that the same settings are the same text. */
export function properties(settings: Readonly<Record<string, string | number | boolean>>): string {
  return Object.keys(settings)
    .sort()
    .map((key) => `${key}=${settings[key]}\n`)
    .join('');
}
