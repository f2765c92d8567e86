import { Duration } from 'aws-cdk-lib';

import type { GridConfig } from '../config/schema.ts';
import type { SparkStack } from '../spark/spark-stack.ts';
import type { AlarmDefinition } from './alarm.ts';
import { type ProgramMetrics, sparkLag } from './grid-metrics.ts';

/** Spark may be behind by this many minutes' worth of its largest batch before an alarm is sent. */
const LAG_BATCHES = 2;

/** Of the duty-cycle job: its lag, its life, what it could not use. */
export function sparkAlarms(
  config: GridConfig,
  { controller }: SparkStack,
  metrics: ProgramMetrics,
): AlarmDefinition[] {
  return [
    {
      id: 'spark-lag',
      what: 'The duty-cycle job is further behind Kafka than two of its largest batches.',
      section: 'spark-lag',
      metric: sparkLag(config),
      threshold: LAG_BATCHES * config.spark.maxOffsetsPerTrigger,
      periods: 5,
      // MSK publishes it while the job's group exists; the job's own lines say whether it lives.
      silence: { reportedBy: 'spark-silent' },
    },
    {
      id: 'streaming-step',
      what: 'The duty-cycle job keeps failing, or its cluster has ended: it is no longer started again.',
      section: 'streaming-step',
      metric: controller.restarter.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 0,
      periods: 1,
      // The restarter is invoked when a step ends.
      silence: 'rare',
    },
    {
      id: 'spark-silent',
      what: 'The duty-cycle job has reported no progress for ten minutes.',
      section: 'spark-silent',
      metric: metrics.sparkRows.with({ statistic: 'SampleCount', period: Duration.minutes(5) }),
      threshold: 1,
      below: true,
      periods: 2,
      silence: 'breaching',
    },
    {
      id: 'late-readings',
      what: 'Readings arrive after their window has been closed: duty cycles miss them.',
      section: 'late-readings',
      metric: metrics.late,
      threshold: 0,
      silence: { reportedBy: 'spark-silent' },
    },
    {
      id: 'dead-letters',
      what: 'Messages in powerraw can not be read as readings.',
      section: 'dead-letters',
      metric: metrics.deadLetters,
      threshold: 0,
      periods: 1,
      silence: { reportedBy: 'spark-silent' },
    },
  ];
}
