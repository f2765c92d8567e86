import { z } from 'zod';

import { arn, count, databaseSettings, kafkaSettings, pythonSettings, speed, trustSettings } from './shared.ts';

/** What the Airflow host is told beside what every host is. */
export const airflowSettings = z.object({
  SPEED: speed,
  /** On the loopback address. */
  AIRFLOW_PORT: count,
  ...trustSettings.shape,
  ...pythonSettings.shape,
  ...databaseSettings.shape,
  /** ARN of the secret that Airflow's own keys are derived from. */
  KEY_SECRET_ARN: arn,
  /** ARN of the secret with the login of the web interface. */
  LOGIN_SECRET_ARN: arn,
  DRUID_URL: z.url(),
  /** ARNs of the secrets of Druid's users. */
  DRUID_HISTORY_SECRET_ARN: arn,
  DRUID_CANARY_SECRET_ARN: arn,
  ...kafkaSettings.shape,
});
