import { paginateListSecrets, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { PENDING_DELETION } from '../allowed.ts';
import { type Candidate, clientOf, present, type Scope, tagsOf } from '../candidate.ts';

/** Secrets, with those that wait for the end of their recovery window. */
export async function* secrets({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new SecretsManagerClient(clientOf(region));
  for await (const { SecretList = [] } of paginateListSecrets({ client }, { IncludePlannedDeletion: true })) {
    for (const { Name = '', DeletedDate, Tags } of SecretList) {
      yield {
        type: 'AWS::SecretsManager::Secret',
        id: Name,
        names: present(Name),
        tags: tagsOf(Tags),
        ...(DeletedDate ? { state: PENDING_DELETION } : {}),
      };
    }
  }
}
