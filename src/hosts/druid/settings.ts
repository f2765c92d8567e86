/** What the Druid host is told in /etc/igrid/settings; lib/druid/druid-host.ts writes it. */
import { z } from 'zod';

import type { READERS } from '../../druid/users.ts';
import { readSettings } from '../settings/read.ts';
import { count, kafkaSettings, passwordSettings, text, trustSettings } from '../settings/shared.ts';

/** A setting that may be empty. */
const optional = <S extends z.ZodType>(shape: S) =>
  z
    .literal('')
    .transform(() => undefined)
    .or(shape)
    .optional();

/** What the programs read. */
const programSettings = z.object({
  /** Address of the Router, as clients know it. */
  DRUID_URL: z.url(),
  ROUTER_PORT: count,
  /** The retained network interface and its address, on which the Router listens. */
  NETWORK_INTERFACE_ID: text,
  PRIVATE_ADDRESS: z.ipv4(),
  /** Addresses of the interface's subnet. */
  SUBNET_CIDR: z.cidrv4(),
  /** ARN of the secret with the Router's certificate and key. */
  CERTIFICATE_SECRET: text,

  DRUID_METADATA: z.enum(['postgresql', 'derby']),
  METADATA_HOST: text,
  METADATA_PORT: count,
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

  /** Memory that Druid may take, MB; empty: the machine's, without what the system needs. */
  DRUID_MEMORY_MB: optional(count),
});

/** What the host is told beside what every host is: the programs' part, and that of scripts in ec2-userdata/druid. */
export const druidHostSettings = z.object({
  ...kafkaSettings.shape,
  ...trustSettings.shape,
  ...passwordSettings.shape,
  ...programSettings.shape,
  /** Bucket of the archives that apply-specs.sh is sent. */
  SPECS_BUCKET: text,
  DRUID_DIST_URL: text,
  DRUID_DIST_SHA256: text,
  MSK_IAM_URL: text,
  MSK_IAM_SHA256: text,
});

export type DruidHostSettings = z.output<typeof programSettings>;

/** @throws SettingsError that names each wrong setting. */
export function parseHostSettings(environment: Readonly<Record<string, string | undefined>>): DruidHostSettings {
  return readSettings(programSettings, environment);
}

/** The setting with the ARN of a reader's secret. */
export const READER_SECRETS = {
  superset: 'SUPERSET_SECRET',
  history: 'HISTORY_SECRET',
  canary: 'CANARY_SECRET',
  report: 'REPORT_SECRET',
} as const satisfies Record<(typeof READERS)[number], keyof DruidHostSettings>;
