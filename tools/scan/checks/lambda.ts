import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

export async function* lambda({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new LambdaClient(clientOf(region));
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    for (const { FunctionName = '' } of Functions) {
      yield { type: 'AWS::Lambda::Function', id: FunctionName, names: present(FunctionName) };
    }
  }
}
