import { z } from 'zod';

import { KAFKA_AUTH } from '../../../src/core/kafka-auth.ts';
import { TOPICS } from '../../../src/core/messages/topics.ts';
import { AVAILABILITY_ZONES } from './network.ts';
import { text } from './values.ts';

const topic = (partitions: number, retentionHours: number, description: string) =>
  z
    .strictObject({
      partitions: z.int().min(1).max(1_000).default(partitions).meta({
        description: 'Number of partitions. Can be raised later, never lowered: keys then move to other partitions.',
        unit: 'partitions',
      }),
      replication: z.int().min(1).max(5).default(2).meta({
        description: 'Copies of each message, on as many brokers.',
        unit: 'copies',
      }),
      minInSyncReplicas: z.int().min(1).max(4).default(1).meta({
        description:
          'Copies that must be written before a message is acknowledged. With two copies this must be 1, or every patch of a broker stops producers (MSK patches one broker at a time). Three copies allow 2.',
        unit: 'copies',
      }),
      retentionHours: z.int().min(1).max(8_760).default(retentionHours).meta({
        description: 'How long a message is kept, by the wall clock.',
        unit: 'hours',
      }),
    })
    .prefault({})
    .meta({ description });

export const kafka = z
  .strictObject({
    version: text(/^\d+\.\d+\.(x|\d+)\.kraft$/, 'an MSK version in KRaft mode, such as 3.9.x.kraft')
      .default('3.9.x.kraft')
      .meta({ description: "Kafka's version as MSK names it. Versions of KRaft clusters end in `.kraft`." }),
    brokerType: text(/^kafka\.[a-z0-9]+\.[a-z0-9]+$/, 'a standard MSK broker type such as kafka.m5.large')
      .default('kafka.m5.large')
      .meta({ description: 'Type of the brokers.' }),
    brokers: z
      .int()
      .min(AVAILABILITY_ZONES)
      .max(30)
      .multipleOf(AVAILABILITY_ZONES, `a multiple of ${AVAILABILITY_ZONES}: MSK wants as many brokers in each zone`)
      .default(3)
      .meta({ description: 'Number of brokers: MSK requires the same number in each zone.', unit: 'brokers' }),
    auth: z.enum(KAFKA_AUTH).default('iam').meta({
      description:
        'Client authentication. `iam`: TLS, with AWS credentials. `none`: plaintext, open to everything that reaches its port; only for the rehearsal on one machine, whose broker does not support IAM (prod refuses it). A change on a running cluster disconnects all clients until the deployment is complete.',
    }),
    storageGiB: z.int().min(10).max(16_384).default(100).meta({
      description: 'Disk of a broker at creation. MSK grows it by itself and never shrinks it.',
      unit: 'GiB',
    }),
    maxStorageGiB: z.int().min(10).max(16_384).default(1_000).meta({
      description: 'The disk of a broker grows up to this size. At least `kafka.storageGiB`.',
      unit: 'GiB',
    }),
    topics: z
      .strictObject({
        [TOPICS.powerraw]: topic(6, 48, 'Readings.'),
        [TOPICS.dutycycle]: topic(6, 48, 'Duty cycles.'),
        [TOPICS.history]: topic(6, 48, 'What appliances usually draw at a time of day.'),
        [TOPICS.deadletter]: topic(1, 168, "Messages that can't be read."),
      })
      .prefault({})
      .meta({ description: 'Topics: docs/reference/messages.md.' }),
  })
  .prefault({})
  .meta({ description: 'Kafka on MSK.' });
