import { paginateListTopics, SNSClient } from '@aws-sdk/client-sns';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

export async function* sns({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new SNSClient(clientOf(region));
  for await (const { Topics = [] } of paginateListTopics({ client }, {})) {
    for (const { TopicArn = '' } of Topics) {
      yield { type: 'AWS::SNS::Topic', id: TopicArn, names: present(TopicArn.split(':').at(-1)) };
    }
  }
}
