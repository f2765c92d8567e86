import { z } from 'zod';

import { arn, count, databaseSettings, pythonSettings, trustSettings } from './shared.ts';

/** What the Superset host is told beside what every host is. */
export const supersetSettings = z.object({
  /** On the loopback address. */
  SUPERSET_PORT: count,
  ...trustSettings.shape,
  ...pythonSettings.shape,
  ...databaseSettings.shape,
  /** ARN of the secret with the key for sessions and stored connections. */
  KEY_SECRET_ARN: arn,
  /** ARN of the secret with the administrator's login. */
  LOGIN_SECRET_ARN: arn,
  DRUID_URL: z.url({ protocol: /^https$/ }),
  /** Path of the PEM file that Druid is verified by. */
  DRUID_AUTHORITY: z.string().startsWith('/'),
  /** ARN of the secret of Druid's user. */
  DRUID_SECRET_ARN: arn,
});
