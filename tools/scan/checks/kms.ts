import { DescribeKeyCommand, KMSClient, paginateListKeys, paginateListResourceTags } from '@aws-sdk/client-kms';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** The account's own keys, with those that wait to be deleted. */
export async function* kms({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new KMSClient(clientOf(region));
  for await (const { Keys = [] } of paginateListKeys({ client }, {})) {
    for (const { KeyId = '' } of Keys) {
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
      if (KeyMetadata?.KeyManager === 'CUSTOMER') {
        yield {
          type: 'AWS::KMS::Key',
          id: KeyId,
          // The description begins with the deployment's name and a colon.
          names: present(KeyMetadata.Description?.split(':')[0]),
          ...(await tags(client, KeyId)),
          state: KeyMetadata.KeyState ?? '',
        };
      }
    }
  }
}

/** A key's policy may keep its tags from the scan; then its description must do. */
async function tags(client: KMSClient, KeyId: string): Promise<Pick<Candidate, 'tags'>> {
  const found: Record<string, string> = {};
  try {
    for await (const { Tags = [] } of paginateListResourceTags({ client }, { KeyId })) {
      for (const { TagKey = '', TagValue = '' } of Tags) {
        found[TagKey] = TagValue;
      }
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') {
      return {};
    }
    throw error;
  }
  return { tags: found };
}
