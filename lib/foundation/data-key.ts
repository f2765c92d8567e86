import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';

/**
 * The deployment's own key, for what AWS' managed keys can't do: disks of EMR nodes (EMR takes no managed key) and an
 * alarm topic that CloudWatch and Budgets may write to. After a destroy KMS keeps it for a week, the least that it allows.
 */
export class DataKey extends kms.Key {
  constructor(scope: Construct, id: string, config: GridConfig) {
    super(scope, id, {
      description: `${config.name}: EMR disks, certificates, alarms`,
      enableKeyRotation: true,
      // KMS' own default is 30 days.
      pendingWindow: Duration.days(7),
      // What it encrypts and must be kept in prod (the EMR checkpoint is not: it is in S3) does not outlive its stack.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [
          new iam.ServicePrincipal('cloudwatch.amazonaws.com'),
          new iam.ServicePrincipal('budgets.amazonaws.com'),
        ],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        // A key's policy belongs to the key: "*" is the key itself.
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.stack.account } },
      }),
    );
  }
}
