/**
 * Custom resource that does nothing until it is deleted: then it waits until EMR has let go of the cluster, and revokes
 * the rules that EMR added to the security groups. They point at each other, which blocks the groups' deletion and with
 * it the VPC's (hashicorp/terraform-provider-aws #1454); a security configuration stays "in use" just as long (#6279).
 */
import {
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { EMRClient, ListClustersCommand } from '@aws-sdk/client-emr';
import { z } from 'zod';

import { type Completion, parseRequest, type Response } from '../../shared/custom-resource.ts';
import { revocations, type Rule, ruleSchema } from './rules.ts';

const propertiesSchema = z.object({
  /** Name of the cluster. */
  ClusterName: z.string().min(1),
  SecurityGroupIds: z.array(z.string()).min(1),
  /** Rules that belong to the stack, which removes them itself. */
  OwnRuleIds: z.array(z.string()),
});

/** States in which a cluster still holds on to its security groups and security configuration. */
const NOT_YET_GONE = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING'] as const;

const ec2 = new EC2Client({});
const emr = new EMRClient({});

export function onEvent(event: unknown): Promise<Response> {
  const { properties } = parseRequest(event, propertiesSchema);
  return Promise.resolve({ PhysicalResourceId: `${properties.ClusterName}-cleanup` });
}

export async function isComplete(event: unknown): Promise<Completion> {
  const { type, properties } = parseRequest(event, propertiesSchema);
  if (type !== 'Delete') {
    return { IsComplete: true };
  }
  if (await clusterExists(properties.ClusterName)) {
    return { IsComplete: false };
  }
  const own = new Set(properties.OwnRuleIds);
  for (const { groupId, isEgress, ruleIds } of revocations(await rulesOf(properties.SecurityGroupIds), own)) {
    const request = { GroupId: groupId, SecurityGroupRuleIds: [...ruleIds] };
    await (isEgress
      ? ec2.send(new RevokeSecurityGroupEgressCommand(request))
      : ec2.send(new RevokeSecurityGroupIngressCommand(request)));
  }
  return { IsComplete: true };
}

async function clusterExists(name: string): Promise<boolean> {
  let marker: string | undefined;
  do {
    const page = await emr.send(new ListClustersCommand({ ClusterStates: [...NOT_YET_GONE], Marker: marker }));
    if (page.Clusters?.some((cluster) => cluster.Name === name)) {
      return true;
    }
    marker = page.Marker;
  } while (marker !== undefined);
  return false;
}

async function rulesOf(groupIds: readonly string[]): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  let token: string | undefined;
  do {
    const page = await ec2.send(
      new DescribeSecurityGroupRulesCommand({
        Filters: [{ Name: 'group-id', Values: [...groupIds] }],
        NextToken: token,
      }),
    );
    rules.push(...z.array(ruleSchema).parse(page.SecurityGroupRules ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  return rules;
}
