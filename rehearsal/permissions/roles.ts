import {
  CloudFormationClient,
  paginateDescribeStacks,
  paginateListStackResources,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';

import { CLIENT } from '../cloud.ts';
import { type Grant, grantsOf, type Role, servicesOf, withoutHash } from './policy.ts';

/** Of the CDK bootstrap, whose roles are not the deployment's. */
const BOOTSTRAP_STACK = 'CDKToolkit';

/** The roles of all stacks of the account, as they are deployed: every reference in their policies is an ARN by now. */
export async function deployedRoles(): Promise<readonly Role[]> {
  const cloudFormation = new CloudFormationClient(CLIENT);
  const iam = new IAMClient(CLIENT);
  try {
    const roles: Role[] = [];
    for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {})) {
      for (const { StackName } of Stacks.filter((stack) => stack.StackName !== BOOTSTRAP_STACK)) {
        for (const resource of await rolesOf(cloudFormation, StackName ?? '')) {
          roles.push(await describe(iam, StackName ?? '', resource));
        }
      }
    }
    return roles;
  } finally {
    [cloudFormation, iam].forEach((client) => client.destroy());
  }
}

async function rolesOf(client: CloudFormationClient, stack: string): Promise<StackResourceSummary[]> {
  const found: StackResourceSummary[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stack })) {
    found.push(...StackResourceSummaries.filter(({ ResourceType }) => ResourceType === 'AWS::IAM::Role'));
  }
  return found;
}

async function describe(iam: IAMClient, stack: string, resource: StackResourceSummary): Promise<Role> {
  const { LogicalResourceId = '', PhysicalResourceId: physicalName = '' } = resource;
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: physicalName }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: physicalName }));
  const grants: Grant[] = [];
  for (const PolicyName of PolicyNames) {
    const policy = await iam.send(new GetRolePolicyCommand({ RoleName: physicalName, PolicyName }));
    grants.push(...grantsOf(parsed(policy.PolicyDocument)));
  }
  const assumedBy = servicesOf(parsed(Role?.AssumeRolePolicyDocument));
  return { name: `${stack}/${withoutHash(LogicalResourceId)}`, physicalName, assumedBy, grants };
}

/** IAM gives policies as JSON, encoded as in an address. */
const parsed = (policy: string | undefined): unknown => JSON.parse(decodeURIComponent(policy ?? 'null'));
