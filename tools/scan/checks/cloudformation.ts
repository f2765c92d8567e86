import { CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';

import { type Candidate, clientOf, present, type Scope, tagsOf } from '../candidate.ts';

/** Stacks that are not gone; DescribeStacks does not show those that are. */
export async function* cloudFormation({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new CloudFormationClient(clientOf(region));
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    for (const { StackName = '', StackStatus = '', Tags } of Stacks) {
      yield {
        type: 'AWS::CloudFormation::Stack',
        id: StackName,
        names: present(StackName),
        tags: tagsOf(Tags),
        state: StackStatus,
      };
    }
  }
}
