import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Rules of the default bus; the SDK has no paginator for them. */
export async function* eventBridge({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new EventBridgeClient(clientOf(region));
  let next: string | undefined;
  do {
    const { Rules = [], NextToken } = await client.send(new ListRulesCommand({ NextToken: next }));
    for (const { Name = '' } of Rules) {
      yield { type: 'AWS::Events::Rule', id: Name, names: present(Name) };
    }
    next = NextToken;
  } while (next !== undefined);
}
