/**
 * What hosts are told at their first boot, in /etc/igrid/settings: the part that several hosts have in common. The stacks
 * write `satisfies z.input<typeof ...>` of these schemas, the hosts' programs read by them, so that a name or a value that
 * only one side has does not compile. Scripts read the same file as shell variables. A setting is never a secret.
 */
import { z } from 'zod';

import { KAFKA_AUTH } from '../../core/kafka-auth.ts';

export const text = z.string().min(1);

/** A file or secret of AWS. Stacks fill it in at deployment. */
export const arn = z.string().startsWith('arn:');

/** Whole, above 0. */
export const count = z.coerce.number<string | number>().int().positive();

/** Whole, 0 or above. */
export const index = z.coerce.number<string | number>().int().nonnegative();

/** Grid seconds per second. */
export const speed = z.coerce.number<string | number>().positive();

/** What every host is told (lib/hosts/host.ts). */
export const hostSettings = z.object({
  AWS_REGION: text,
  HOST_NAME: text,
  HOST_ROLE: text,
  LOG_GROUP: text,
  METRIC_NAMESPACE: text,
  REPLACE_AFTER_MINUTES: count,
  SSM_AGENT_URL: text,
  SSM_AGENT_SHA256: text,
  CLOUDWATCH_AGENT_URL: text,
  CLOUDWATCH_AGENT_SHA256: text,
});

/** Of a client of Kafka: ec2-userdata/common/kafka.sh. */
export const kafkaSettings = z.object({ CLUSTER_ARN: text, KAFKA_AUTH: z.enum(KAFKA_AUTH) });

/** Of a client of Druid: its certificate's authority. Other certificates are another number, which replaces the host. */
export const trustSettings = z.object({ AUTHORITY_PARAMETER: text, CERTIFICATES: count });

/** Other passwords are another number, which replaces the host. */
export const passwordSettings = z.object({ DATABASE_ROTATION: count });

/** Of a client of the metadata database. */
export const databaseSettings = z.object({
  DATABASE_HOST: text,
  DATABASE_PORT: count,
  /** Path of the PEM file that the database is verified by. */
  DATABASE_AUTHORITY: z.string().startsWith('/'),
  /** ARN of the secret with the role's name and password. */
  DATABASE_SECRET_ARN: arn,
  ...passwordSettings.shape,
});

/** Of a host with Python packages: ec2-userdata/common/python.sh. Empty: pip's own index. */
export const pythonSettings = z.object({ PYTHON_INDEX_URL: z.string() });
