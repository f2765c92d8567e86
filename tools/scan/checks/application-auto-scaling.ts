import {
  ApplicationAutoScalingClient,
  paginateDescribeScalableTargets,
} from '@aws-sdk/client-application-auto-scaling';

import { type Candidate, clientOf, type Scope } from '../candidate.ts';

/** What grows brokers' disks; its resource is the cluster's ARN, which holds the cluster's name. */
export async function* applicationAutoScaling({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new ApplicationAutoScalingClient(clientOf(region));
  for await (const { ScalableTargets = [] } of paginateDescribeScalableTargets(
    { client },
    { ServiceNamespace: 'kafka' },
  )) {
    for (const { ResourceId = '' } of ScalableTargets) {
      yield {
        type: 'AWS::ApplicationAutoScaling::ScalableTarget',
        id: ResourceId,
        names: ResourceId.split('/').slice(1, 2),
      };
    }
  }
}
