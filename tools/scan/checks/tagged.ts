import { paginateGetResources, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';

import { type Candidate, clientOf, type Scope, tagsOf } from '../candidate.ts';
import { PROJECT_TAG } from '../ownership.ts';

/** Kinds of ARNs that other checks list themselves, and better: this API remembers what is gone for hours. */
const LISTED_ELSEWHERE = new Set([
  'autoscaling:autoScalingGroup',
  'cloudformation:stack',
  'cloudwatch:alarm',
  'cloudwatch:dashboard',
  'ec2:elastic-ip',
  'ec2:instance',
  'ec2:internet-gateway',
  'ec2:launch-template',
  'ec2:natgateway',
  'ec2:network-interface',
  'ec2:security-group',
  'ec2:snapshot',
  'ec2:subnet',
  'ec2:volume',
  'ec2:vpc',
  'ec2:vpc-endpoint',
  'ec2:vpc-flow-log',
  'elasticmapreduce:cluster',
  'events:rule',
  'kafka:cluster',
  'kafka:configuration',
  'kms:key',
  'lambda:function',
  'logs:log-group',
  'rds:db',
  'rds:pg',
  'rds:snapshot',
  'rds:subgrp',
  'route53:hostedzone',
  's3',
  'secretsmanager:secret',
  'sns',
  'ssm:document',
  'ssm:parameter',
  'states:stateMachine',
]);

/** The net below the others: whatever else carries the deployment's tag. */
export async function* tagged({ name, region }: Scope): AsyncGenerator<Candidate> {
  const client = new ResourceGroupsTaggingAPIClient(clientOf(region));
  const TagFilters = [{ Key: PROJECT_TAG, Values: [name] }];
  for await (const { ResourceTagMappingList = [] } of paginateGetResources({ client }, { TagFilters })) {
    for (const { ResourceARN = '', Tags } of ResourceTagMappingList) {
      const kind = kindOf(ResourceARN);
      if (!LISTED_ELSEWHERE.has(kind)) {
        yield { type: kind, id: ResourceARN, names: [], tags: tagsOf(Tags) };
      }
    }
  }
}

/** `arn:aws:ec2:eu-central-1:123456789012:route-table/rtb-1` -> `ec2:route-table`; `arn:aws:s3:::bucket` -> `s3`. */
export function kindOf(arn: string): string {
  const [, , service = '', , , ...rest] = arn.split(':');
  const [kind, ...id] = rest.join(':').split(/[/:]/);
  return id.length === 0 || kind === undefined ? service : `${service}:${kind}`;
}
