import { paginateListBuckets, S3Client } from '@aws-sdk/client-s3';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Buckets of the region. */
export async function* s3({ region }: Scope): AsyncGenerator<Candidate> {
  const client = new S3Client(clientOf(region));
  for await (const { Buckets = [] } of paginateListBuckets({ client }, { BucketRegion: region })) {
    for (const { Name = '' } of Buckets) {
      yield { type: 'AWS::S3::Bucket', id: Name, names: present(Name) };
    }
  }
}
