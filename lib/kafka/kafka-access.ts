import { Fn } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import type { Topic } from '../../src/core/messages/topics.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';

/**
 * Permissions by intent on the topics of one MSK cluster. Actions and resources as in
 * https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
 */
export class KafkaAccess {
  readonly #clusterArn: string;

  constructor(clusterArn: string) {
    this.#clusterArn = clusterArn;
  }

  /** May write messages to `topic`, idempotently: no retry doubles a message. */
  grantProduce(grantee: iam.IGrantable, topic: Topic): void {
    this.#grantConnect(grantee);
    // An idempotent producer's id is the cluster's affair, not the topic's.
    this.#grant(grantee, ['WriteDataIdempotently'], this.#clusterArn);
    this.#grant(grantee, ['DescribeTopic', 'WriteData'], this.#arn('topic', topic));
  }

  /** May read messages from `topic` as any consumer group whose name starts with `groupPrefix`. */
  grantConsume(grantee: iam.IGrantable, topic: Topic, groupPrefix: string): void {
    this.#grantConnect(grantee);
    this.#grant(grantee, ['DescribeTopic', 'ReadData'], this.#arn('topic', topic));
    this.#grant(grantee, ['AlterGroup', 'DescribeGroup'], this.#arn('group', `${groupPrefix}*`));
  }

  /** May run transactions whose id starts with `idPrefix`. */
  grantTransact(grantee: iam.IGrantable, idPrefix: string): void {
    this.#grantConnect(grantee);
    this.#grant(
      grantee,
      ['DescribeTransactionalId', 'AlterTransactionalId'],
      this.#arn('transactional-id', `${idPrefix}*`),
    );
  }

  /**
   * May connect, and ask for the brokers' addresses at run time: the cluster's attribute goes stale and races with IAM
   * (aws/aws-cdk#37085). GetBootstrapBrokers takes no resource in the Service Authorization Reference, so a grant on the
   * cluster may not count; on `*` it reveals addresses alone.
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedstreamingforapachekafka.html
   */
  #grantConnect(grantee: iam.IGrantable): void {
    this.#grant(grantee, ['Connect', 'DescribeCluster'], this.#clusterArn);
    iam.Grant.addToPrincipal({
      grantee,
      actions: ['kafka:GetBootstrapBrokers'],
      resourceArns: ['*'],
    });
    // A role is its own principal; a managed policy's is none of the app's constructs.
    const holder = [grantee.grantPrincipal, grantee].find((one) => Construct.isConstruct(one));
    if (holder) {
      acceptNagFindings(holder, {
        'AwsSolutions-IAM5[Resource::*]': 'kafka:GetBootstrapBrokers takes no resource; it reveals addresses alone.',
      });
    }
  }

  #grant(grantee: iam.IGrantable, actions: readonly string[], resourceArn: string): void {
    iam.Grant.addToPrincipal({
      grantee,
      actions: actions.map((action) => `kafka-cluster:${action}`),
      resourceArns: [resourceArn],
    });
  }

  /** `arn:aws:kafka:region:account:cluster/name/uuid` -> `...:topic/name/uuid/powerraw`. */
  #arn(kind: 'topic' | 'group' | 'transactional-id', name: string): string {
    const parts = Fn.split(':cluster/', this.#clusterArn, 2);
    return Fn.join('', [Fn.select(0, parts), `:${kind}/`, Fn.select(1, parts), `/${name}`]);
  }
}
