import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { acknowledge } from '../acknowledge.ts';

/**
 * A Lambda function's role that may write to one log group and may not make one: a function's last lines arrive after
 * the stack has deleted the group and would bring it back, without retention and owned by nobody (aws/aws-cdk#26553).
 */
export function functionRole(scope: Construct, id: string, logGroup: logs.ILogGroup): iam.Role {
  const role = new iam.Role(scope, id, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      logs: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [logGroup.logGroupArn],
          }),
        ],
      }),
    },
  });
  acknowledge(role, {
    'AwsSolutions-IAM5': 'The ARN of a log group ends in ":*", which stands for its streams.',
  });
  return role;
}
