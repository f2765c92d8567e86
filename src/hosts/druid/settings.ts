/** What a Druid host is told in /etc/igrid/settings, as environment variables. lib/druid/druid-host.ts writes them. */
import { z } from 'zod';

import { READERS } from '../../druid/users.ts';

const text = z.string().min(1);
const number = z.coerce.number().int().positive();
/** A setting that may be empty. */
const optional = <S extends z.ZodType>(shape: S) =>
  z
    .literal('')
    .transform(() => undefined)
    .or(shape)
    .optional();

const hostSettingsSchema = z.object({
  AWS_REGION: text,
  /** Address of the Router, as clients know it. */
  DRUID_URL: z.url(),
  ROUTER_PORT: number,
  /** The retained network interface and its address, on which the Router listens. */
  NETWORK_INTERFACE_ID: text,
  PRIVATE_ADDRESS: z.ipv4(),
  /** Addresses of the interface's subnet. */
  SUBNET_CIDR: z.cidrv4(),
  /** ARN of the secret with the Router's certificate and key. */
  CERTIFICATE_SECRET: text,

  DRUID_METADATA: z.enum(['postgresql', 'derby']),
  METADATA_HOST: text,
  METADATA_PORT: number,
  /** ARN of the secret with the database's role; the database has the role's name. */
  METADATA_SECRET: text,
  DRUID_STORAGE: z.enum(['s3', 'local']),
  SEGMENTS_BUCKET: text,
  DRUID_LOGIN: z.enum(['basic', 'none']),
  /** ARNs of the users' secrets. */
  ADMIN_SECRET: text,
  INTERNAL_SECRET: text,
  SUPERSET_SECRET: text,
  HISTORY_SECRET: text,
  CANARY_SECRET: text,
  REPORT_SECRET: text,

  /** Kafka ingestion tasks that run side by side, of all data sources. */
  READING_TASKS: number,
  /** Memory that Druid may take, MB; empty: the machine's, without what the system needs. */
  DRUID_MEMORY_MB: optional(number),
});

export type DruidHostSettings = z.output<typeof hostSettingsSchema>;

/** Settings that are there for every host's own purposes are left alone. @throws Error that names each wrong setting. */
export function parseHostSettings(environment: Readonly<Record<string, string | undefined>>): DruidHostSettings {
  const result = hostSettingsSchema.safeParse(environment);
  if (result.success) {
    return result.data;
  }
  throw new Error(`wrong settings in /etc/igrid/settings: ${z.prettifyError(result.error)}`);
}

/** The setting with the ARN of a reader's secret. */
export const READER_SECRETS = {
  superset: 'SUPERSET_SECRET',
  history: 'HISTORY_SECRET',
  canary: 'CANARY_SECRET',
  report: 'REPORT_SECRET',
} as const satisfies Record<(typeof READERS)[number], keyof DruidHostSettings>;
