import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

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
          // Whatever else allows it: AWS' policy for functions in a VPC does.
          new iam.PolicyStatement({
            effect: iam.Effect.DENY,
            actions: ['logs:CreateLogGroup'],
            resources: ['*'],
          }),
        ],
      }),
    },
  });
  return role;
}
