import { Duration } from 'aws-cdk-lib';

import type { GridConfig } from '../config/schema.ts';
import type { CanaryMetrics } from './airflow-metrics.ts';
import type { AlarmDefinition } from './alarm.ts';

/** From produce to a query, ms: the dashboard is refreshed as often. */
const READINGS_LIMIT_MS = 10_000;

/** From a window's end to a query beside Spark's batches, ms: the watermark and Druid's share. */
const DUTY_CYCLES_LIMIT_MS = 57_000;

/** One reads the last readings, one moves the watermark, one closes the window. */
const BATCHES = 3;

/** Of the canary: how fresh what the operator sees is, from Kafka to Druid, and whether that is known at all. */
export function freshnessAlarms(config: GridConfig, { readings, dutyCycles }: CanaryMetrics): AlarmDefinition[] {
  const dutyCyclesLimitMs = DUTY_CYCLES_LIMIT_MS + BATCHES * config.spark.batchSeconds * 1_000;
  return [
    {
      id: 'readings-stale',
      what: `Readings have taken over ${READINGS_LIMIT_MS / 1_000} s from Kafka to a query for five minutes.`,
      section: 'readings-stale',
      metric: readings.with({ statistic: 'p90' }),
      threshold: READINGS_LIMIT_MS,
      periods: 5,
      silence: { reportedBy: 'canary-silent' },
    },
    {
      id: 'duty-cycles-stale',
      what: `Duty cycles have taken over ${dutyCyclesLimitMs / 1_000} s from their window's end to a query.`,
      section: 'duty-cycles-stale',
      metric: dutyCycles.with({ statistic: 'p90', period: Duration.minutes(5) }),
      threshold: dutyCyclesLimitMs,
      silence: { reportedBy: 'duty-cycles-silent' },
    },
    {
      id: 'canary-silent',
      what: 'Queries have returned no reading of the canary for five minutes: the freshness of readings is unknown.',
      section: 'canary-silent',
      metric: readings.with({ statistic: 'SampleCount' }),
      threshold: 1,
      below: true,
      periods: 5,
      silence: 'breaching',
    },
    {
      id: 'duty-cycles-silent',
      what: 'No new duty cycle of the canary has been seen by a query for a quarter of an hour.',
      section: 'duty-cycles-silent',
      metric: dutyCycles.with({ statistic: 'SampleCount', period: Duration.minutes(5) }),
      threshold: 1,
      below: true,
      silence: 'breaching',
    },
  ];
}
