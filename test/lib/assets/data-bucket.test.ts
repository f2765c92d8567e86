import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { preset, prodTemplates, type Templates } from '../../support/synth.ts';

const bucketSchema = z.object({
  VersioningConfiguration: z.object({ Status: z.string() }).optional(),
  LifecycleConfiguration: z
    .object({
      Rules: z.array(
        z.object({
          Id: z.string(),
          NoncurrentVersionExpiration: z.object({ NoncurrentDays: z.int() }).optional(),
          ExpiredObjectDeleteMarker: z.boolean().optional(),
        }),
      ),
    })
    .prefault({ Rules: [] }),
});

/** Of each bucket, by its stack: days that old versions are kept; undefined without versions. */
const versionsOf = (templates: Templates): Record<string, number | undefined> =>
  Object.fromEntries(
    templates.resources('AWS::S3::Bucket').map(({ stack, Properties }) => {
      const { VersioningConfiguration, LifecycleConfiguration } = bucketSchema.parse(Properties);
      const [rule] = LifecycleConfiguration.Rules.filter(({ Id }) => Id === 'old versions');
      expect(rule?.ExpiredObjectDeleteMarker).toBe(VersioningConfiguration && true);
      return [stack, VersioningConfiguration && rule?.NoncurrentVersionExpiration?.NoncurrentDays];
    }),
  );

describe('buckets', () => {
  it('keep versions in prod, for a time, but of what a deployment makes again', () => {
    expect(versionsOf(prodTemplates())).toEqual({ downloads: undefined, druid: 30, spark: 1 });
  });

  it('keep none in dev, where they go with their stack', () => {
    expect(versionsOf(preset('seed'))).toEqual({ downloads: undefined, druid: undefined, spark: undefined });
  });
});
