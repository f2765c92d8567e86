import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import { DRUID_TASK_READINGS_PER_SECOND } from '../config/measured.ts';
import { metricNamespace, RARE_METRICS } from '../config/metric-names.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DruidStack } from '../druid/druid-stack.ts';
import type { AlarmDefinition } from './alarm.ts';
import { loggedMetric } from './log-metrics.ts';

const MINUTE = Duration.minutes(1);

/** What the Druid host says of itself each minute (src/hosts/druid/report.ts). */
export interface DruidMetrics {
  /** Messages in a topic that Druid has not read, of the topic that is furthest behind. */
  readonly lag: cloudwatch.Metric;
  /** 0 while any supervisor is unhealthy, suspended or missing. */
  readonly healthy: cloudwatch.Metric;
  /** Published segments that no process serves. */
  readonly unavailable: cloudwatch.Metric;
  /** Bytes of all published segments in deep storage. */
  readonly bytes: cloudwatch.Metric;
  /** Questions that Druid did not answer, per minute. */
  readonly unanswered: cloudwatch.Metric;
}

/** To be called once: makes the filters of the host's log. */
export function druidMetrics(scope: Construct, config: GridConfig, { host }: DruidStack): DruidMetrics {
  const metric = (name: string, event: string, field: string, statistic: string): cloudwatch.Metric =>
    loggedMetric(scope, host.role.log, metricNamespace(config), { name, event, field }, statistic, MINUTE);
  return {
    lag: metric('DruidLag', 'supervisor', 'lag', 'Maximum'),
    healthy: metric('DruidSupervisorHealthy', 'supervisor', 'healthy', 'Minimum'),
    unavailable: metric('DruidSegmentsUnavailable', 'segments', 'unavailable', 'Maximum'),
    bytes: metric('DruidSegmentBytes', 'segments', 'bytes', 'Maximum'),
    unanswered: metric(RARE_METRICS.druidUnanswered, 'unanswered', 'failures', 'Sum'),
  };
}

/** Druid's alarms. */
export function druidAlarms(config: GridConfig, metrics: DruidMetrics): AlarmDefinition[] {
  return [
    {
      id: 'druid-lag',
      what: 'Druid is further behind Kafka than its tasks can read in a minute.',
      section: 'druid-lag',
      metric: metrics.lag,
      threshold: 60 * DRUID_TASK_READINGS_PER_SECOND * config.druid.powerrawTasks,
      periods: 5,
      silence: { reportedBy: 'druid-supervisor' },
    },
    {
      id: 'druid-supervisor',
      what: 'A supervisor of Druid has been unhealthy, suspended or silent for ten minutes: its topic is not ingested.',
      section: 'druid-supervisor',
      metric: metrics.healthy,
      threshold: 1,
      below: true,
      periods: 10,
      silence: 'breaching',
    },
    {
      id: 'druid-segments',
      what: 'Published segments have been unavailable for 15 minutes: query results lack their data.',
      section: 'druid-segments',
      metric: metrics.unavailable,
      threshold: 0,
      periods: 15,
      // The same report; a question that Druid does not answer is counted by druid-unanswered.
      silence: { reportedBy: 'druid-supervisor' },
    },
    {
      id: 'druid-unanswered',
      what: 'Druid has not answered queries for five minutes: dashboards show no new data.',
      section: 'druid-unanswered',
      metric: metrics.unanswered,
      threshold: 0,
      periods: 5,
      silence: 'rare',
    },
  ];
}
