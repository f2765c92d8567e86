/**
 * The one argument of the streaming step, JSON: what emr-bootstrap/step.sh and duty_cycle.py are told. lib/spark/job.ts writes
 * it, emr-bootstrap/step_settings.py reads it. It has one level: YARN replaces `}}` in the arguments of its containers.
 */
import { z } from 'zod';

import { KAFKA_AUTH } from '../core/kafka-auth.ts';

const text = z.string().min(1);
const count = z.int().positive();

/** Of step.sh itself. */
const stepShape = {
  /** Of the application in YARN: only one of a name may run. */
  application: text,
  cluster_arn: text,
  region: text,
  kafka_auth: z.enum(KAFKA_AUTH),
  executor_cores: count,
  executor_memory_gib: count,
} as const;

/** Of duty_cycle.py: `window_ms` is its option `--window-ms`. */
const jobShape = {
  checkpoint: text,
  window_ms: count,
  slide_ms: count,
  max_gap_ms: count,
  watermark_ms: z.int().nonnegative(),
  max_power_w: z.number().positive(),
  topic: text,
  output_topic: text,
  dead_letter_topic: text,
  group: text,
  /** ms. */
  trigger: count,
  max_offsets_per_trigger: count,
  fetch_min_bytes: count,
  fetch_max_wait_ms: count,
  shuffle_partitions: count,
} as const;

export const stepSettings = z.strictObject({ ...stepShape, ...jobShape });

export type StepSettings = z.output<typeof stepSettings>;
