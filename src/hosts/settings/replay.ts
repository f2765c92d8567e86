import { z } from 'zod';

import { index, kafkaSettings, speed, text } from './shared.ts';

/** What a replay host is told beside what every host is: ec2-userdata/replay reads it. */
export const replaySettings = z.object({
  ...kafkaSettings.shape,
  TOPIC: text,
  SPEED: speed,
  EPOCH_MS: index,
  /** Its share of the playbacks; the end is not part of it. */
  PLAYBACKS_FROM: index,
  PLAYBACKS_TO: index,
  /** s3:// prefixes; empty: the sample day. */
  REDD_URL: z.string(),
  GREEND_URL: z.string(),
});
