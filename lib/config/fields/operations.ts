import { z } from 'zod';

import { instanceType } from './values.ts';

export const database = z
  .strictObject({
    instanceType: instanceType.default('t4g.small').meta({
      description: "RDS class, without `db.`, of the instance that has Druid's, Airflow's and Superset's metadata.",
    }),
    storageGiB: z.int().min(20).max(1_000).default(20).meta({ description: 'Its disk.', unit: 'GiB' }),
    authorityFile: z.string().min(1).optional().meta({
      description:
        'PEM file, on the machine that synthesises, with the certificates that hosts verify the database by. Relative to the configuration file.',
      allowed: 'path of a PEM file',
      otherwise: 'those of RDS, of all its regions',
    }),
    backupDays: z.int().min(0).max(35).optional().meta({
      description: 'How long backups are kept; 0 keeps none.',
      unit: 'days',
      otherwise: '1 in dev, 14 in prod',
    }),
  })
  .prefault({})
  .meta({ description: 'PostgreSQL on RDS for metadata.' });

export const rotation = z
  .strictObject({
    certificates: z.int().min(1).max(1_000_000).default(1).meta({
      description:
        'The private certificate authority and all certificates. EMR takes new ones with a new cluster only.',
      unit: 'generation',
    }),
    databasePasswords: z.int().min(1).max(1_000_000).default(1).meta({
      description: 'The passwords of Druid, Airflow and Superset for the metadata database.',
      unit: 'generation',
    }),
  })
  .prefault({})
  .meta({
    description:
      'What is issued again at the next deployment: raise a number by one and deploy all stacks. Hosts that use it are replaced in the same deployment (docs/operate/maintenance.md, "Rotate secrets", "Rotate certificates").',
  });

/** Retention periods that CloudWatch Logs takes, days: PutRetentionPolicy in its API reference. */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653];

export const operations = z
  .strictObject({
    alarmEmail: z.email().optional().meta({
      description: 'Address that alarms are mailed to. prod requires it.',
      allowed: 'an e-mail address',
      otherwise: 'no mail is sent',
    }),
    monthlyBudgetUsd: z.number().positive().default(3_000).meta({
      description: 'The Budget warns when 80 % of this is forecast, and alarms when 100 % is spent.',
      unit: 'USD per month',
    }),
    logRetentionDays: z
      .literal(LOG_RETENTION_DAYS, `one of ${LOG_RETENTION_DAYS.join(', ')}`)
      .default(14)
      .meta({ description: 'How long logs are kept.', unit: 'days' }),
  })
  .prefault({})
  .meta({ description: 'Alarms, budget, logs.' });
