import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

import { acceptNagFindings } from '../stack/nag-findings.ts';

/**
 * What Lambda asks of the role of a function in a VPC before it creates the function: CDK grants it only to roles that
 * it makes itself. Lambda places the network interfaces, so none of these actions can name a resource in advance.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const NETWORK_INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
] as const;

export interface FunctionRoleProps {
  /** Where the function writes its log. */
  readonly logGroup: logs.ILogGroup;
  /** Whether the function runs in a VPC. @default false */
  readonly isInVpc?: boolean;
}

/**
 * A Lambda function's role that may write to one log group and may not create one: a function's last lines arrive after
 * the stack has deleted the group, and would create it again, without a retention and outside any stack
 * (aws/aws-cdk#26553). All its policies are inline: they are in force before the function is created.
 */
export function functionRole(scope: Construct, id: string, props: FunctionRoleProps): iam.Role {
  const { logGroup, isInVpc = false } = props;
  const role = new iam.Role(scope, id, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      logs: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [logGroup.logGroupArn],
          }),
          // Whatever else may allow it later, such as AWS' managed policies for functions.
          new iam.PolicyStatement({
            effect: iam.Effect.DENY,
            actions: ['logs:CreateLogGroup'],
            resources: ['*'],
          }),
        ],
      }),
      ...(isInVpc
        ? {
            'network-interfaces': new iam.PolicyDocument({
              statements: [new iam.PolicyStatement({ actions: [...NETWORK_INTERFACE_ACTIONS], resources: ['*'] })],
            }),
          }
        : {}),
    },
  });
  if (isInVpc) {
    const reason = 'Lambda creates the network interfaces of a function: they have no ARN before.';
    acceptNagFindings(role, { 'AwsSolutions-IAM5[Resource::*]': reason });
    // checkov's "write access without constraints", for this one role: the baseline would answer it for all.
    resourceOf(role).addMetadata('checkov', { skip: [{ id: 'CKV_AWS_111', comment: reason }] });
  }
  return role;
}

function resourceOf(role: iam.Role): iam.CfnRole {
  const resource = role.node.defaultChild;
  if (!(resource instanceof iam.CfnRole)) {
    throw new Error(`${role.node.path} is not an IAM role`);
  }
  return resource;
}
