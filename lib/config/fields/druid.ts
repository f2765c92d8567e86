import { z } from 'zod';

import { DEFAULT_DAYS } from '../../../src/history/schedule.ts';
import { DRUID_TASK_READINGS_PER_SECOND } from '../measured.ts';
import { download, instanceType, mskIamAuth } from './values.ts';

export const druid = z
  .strictObject({
    instanceType: instanceType.default('i3.2xlarge').meta({
      description: 'EC2 type of the Druid host. An instance store, if it has one, caches segments.',
    }),
    rootDiskGiB: z.int().min(20).max(2_048).default(50).meta({
      description: 'Disk of the system; it caches segments where the type has no instance store.',
      unit: 'GiB',
    }),
    memoryGiB: z.number().min(2).max(1_024).optional().meta({
      description: "Memory that Druid may use. Less than the host's.",
      unit: 'GiB',
      otherwise: "the host's, without what the system and its agents need",
    }),
    metadata: z.enum(['postgresql', 'derby']).default('postgresql').meta({
      description: "Metadata store. `derby`, on the host's disk, is only for a rehearsal: prod refuses it.",
    }),
    storage: z.enum(['s3', 'local']).default('s3').meta({
      description: "Deep storage of segments. `local`, on the host's disk, is only for a rehearsal: prod refuses it.",
    }),
    login: z.enum(['basic', 'none']).default('basic').meta({
      description: '`none`, for a Druid without its security extension, is only for a rehearsal: prod refuses it.',
    }),
    tarball: download(
      // The first has current releases only, and is the faster one.
      [
        'https://dlcdn.apache.org/druid/33.0.0/apache-druid-33.0.0-bin.tar.gz',
        'https://archive.apache.org/dist/druid/33.0.0/apache-druid-33.0.0-bin.tar.gz',
      ],
      '5ee5ddbcc2273834af8a18dd173b2a04b9a911cb7ce516279db605788abd7d79',
      "Druid's own tarball: only it has the S3, PostgreSQL and security extensions of this version. A mirror's is a tar, compressed or not, with one folder at its top that holds `lib/` and `extensions/`.",
    ),
    mskIamAuth: mskIamAuth("The library that lets Druid's Kafka consumers authenticate to MSK with IAM."),
    retentionDays: z
      .int()
      .min(1)
      .max(3_650)
      .default(DEFAULT_DAYS * 2)
      .meta({
        description:
          'How long readings can be queried, by the wall clock. History needs 5 days of grid time and the day of the slot itself.',
        unit: 'days',
      }),
    powerrawTasks: z
      .int()
      .min(1)
      .max(100)
      .default(1)
      .meta({
        description: `Kafka ingestion tasks of powerraw, at most \`kafka.topics.powerraw.partitions\` and the vCPUs of \`druid.instanceType\`. One reads about ${DRUID_TASK_READINGS_PER_SECOND.toLocaleString('en-GB')} readings/s on a core.`,
        unit: 'tasks',
      }),
  })
  .prefault({})
  .meta({ description: 'Druid on one host.' });
