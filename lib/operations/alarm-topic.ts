import { Annotations } from 'aws-cdk-lib';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';

export interface AlarmTopicProps {
  readonly config: GridConfig;
  /** CloudWatch can't write to a topic that is encrypted with AWS' own key. */
  readonly key: kms.IKey;
}

/** Where alarms and the Budget go, and who is notified. */
export class AlarmTopic extends Construct {
  readonly topic: sns.Topic;
  readonly action: actions.SnsAction;

  constructor(scope: Construct, id: string, { config, key }: AlarmTopicProps) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'topic', {
      displayName: `${config.name} alarms`,
      masterKey: key,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [
          new iam.ServicePrincipal('cloudwatch.amazonaws.com'),
          new iam.ServicePrincipal('budgets.amazonaws.com'),
        ],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.topic.stack.account } },
      }),
    );
    this.action = new actions.SnsAction(this.topic);
    const { alarmEmail } = config.operations;
    if (alarmEmail === undefined) {
      Annotations.of(this).addWarningV2(
        'igrid:nobody-hears-alarms',
        'alarms are sent to no one: set operations.alarmEmail in the configuration',
      );
    } else {
      this.topic.addSubscription(new subscriptions.EmailSubscription(alarmEmail));
    }
  }
}
