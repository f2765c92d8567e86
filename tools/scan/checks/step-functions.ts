import { ListTagsForResourceCommand, paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Waiters of custom resources; CloudFormation names them without the stack, so that their tags must be asked for. */
export async function* stepFunctions({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new SFNClient(clientOf(region));
  for await (const { stateMachines = [] } of paginateListStateMachines({ client }, {})) {
    for (const { name, stateMachineArn } of stateMachines) {
      const { tags = [] } = await client.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }));
      yield {
        type: 'AWS::StepFunctions::StateMachine',
        id: name ?? '',
        names: present(name),
        tags: Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value])),
      };
    }
  }
}
