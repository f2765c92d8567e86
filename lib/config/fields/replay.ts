import { z } from 'zod';

import { instanceType, s3Uri } from './values.ts';

export const replay = z
  .strictObject({
    hosts: z.int().min(0).max(100).default(4).meta({
      description: 'Hosts that replay data sets; 0 when real meters produce.',
      unit: 'hosts',
    }),
    playbacksPerHost: z.int().min(1).max(100_000).default(20).meta({
      description: 'Playbacks of each host: host i plays [i * n, (i + 1) * n).',
      unit: 'playbacks',
    }),
    instanceType: instanceType.default('t3.xlarge').meta({ description: 'EC2 type of the replay hosts.' }),
    epochMs: z
      .int()
      .min(0)
      .default(Date.UTC(2026, 0, 1))
      .meta({
        description:
          'When playback 0 is at its first midnight: the same for all hosts, so that a host that is replaced continues where the clock is. The default is 2026-01-01 UTC.',
        unit: 'ms since 1970',
      }),
    redd: s3Uri.optional().meta({
      description: 'Where the REDD low_freq set is: everything below an S3 prefix.',
      otherwise: "the repository's sample day",
    }),
    greend: s3Uri.optional().meta({
      description: 'Where the GREEND set is: everything below an S3 prefix.',
      otherwise: "the repository's sample day",
    }),
  })
  .prefault({})
  .meta({ description: 'Hosts that replay data sets as live readings.' });
