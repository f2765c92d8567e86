import { AutoScalingClient, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';

import { type Candidate, clientOf, present, type Scope, tagsOf } from '../candidate.ts';

/** Groups that would start a machine again and again. */
export async function* autoScaling({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new AutoScalingClient(clientOf(region));
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, {})) {
    for (const { AutoScalingGroupName = '', Status, Tags } of AutoScalingGroups) {
      yield {
        type: 'AWS::AutoScaling::AutoScalingGroup',
        id: AutoScalingGroupName,
        names: present(AutoScalingGroupName),
        tags: tagsOf(Tags),
        ...(Status === undefined ? {} : { state: Status }),
      };
    }
  }
}
