import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import { TOPICS } from '../../src/core/messages/topics.ts';
import { metricNamespace } from '../config/metric-names.ts';
import type { GridConfig } from '../config/schema.ts';
import type { ReplayStack } from '../replay/replay-stack.ts';
import { CONSUMER_GROUP } from '../spark/job.ts';
import type { SparkStack } from '../spark/spark-stack.ts';
import { metricOf } from './alarm.ts';
import { loggedMetric } from './log-metrics.ts';

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

/** A metric of one broker, by its number from 1 on. */
export function brokerMetric(config: GridConfig, broker: number, name: string): cloudwatch.Metric {
  const dimensions = { 'Cluster Name': config.name, 'Broker ID': String(broker) };
  return metricOf('AWS/Kafka', name, dimensions, 'Maximum', FIVE_MINUTES);
}

/** A metric of the whole cluster. */
export function clusterMetric(config: GridConfig, name: string): cloudwatch.Metric {
  return metricOf('AWS/Kafka', name, { 'Cluster Name': config.name }, 'Maximum', FIVE_MINUTES);
}

/** Messages a second that all brokers together take, of all topics: by topic they cost extra (PER_TOPIC_PER_BROKER). */
export function messagesIn(config: GridConfig): cloudwatch.MathExpression {
  const usingMetrics = Object.fromEntries(
    Array.from({ length: config.kafka.brokers }, (_, index) => {
      const dimensions = { 'Cluster Name': config.name, 'Broker ID': String(index + 1) };
      return [`m${index + 1}`, metricOf('AWS/Kafka', 'MessagesInPerSec', dimensions, 'Average', MINUTE)];
    }),
  );
  return new cloudwatch.MathExpression({
    expression: 'SUM(METRICS())',
    usingMetrics,
    label: 'all topics',
    period: MINUTE,
  });
}

/** How many readings the duty-cycle job is behind: the job commits its position for this metric alone. */
export function sparkLag(config: GridConfig): cloudwatch.Metric {
  const dimensions = { 'Cluster Name': config.name, 'Consumer Group': CONSUMER_GROUP, Topic: TOPICS.powerraw };
  return metricOf('AWS/Kafka', 'SumOffsetLag', dimensions, 'Maximum', MINUTE);
}

/** What the programs say of themselves in their logs. */
export interface ProgramMetrics {
  /** Readings that Spark took, per minute. */
  readonly sparkRows: cloudwatch.Metric;
  /** Readings of which a window was closed already, per minute. */
  readonly late: cloudwatch.Metric;
  /** Messages that were no readings, per minute. */
  readonly deadLetters: cloudwatch.Metric;
  /** Readings a second of each producer; their average times their number is the fleet's. Absent without producers. */
  readonly replayRate: cloudwatch.Metric | undefined;
  /** How far behind the clock the replay is, ms, the worst. Absent without producers. */
  readonly replayLateness: cloudwatch.Metric | undefined;
}

export function programMetrics(
  scope: Construct,
  config: GridConfig,
  { emr }: SparkStack,
  { role }: ReplayStack,
): ProgramMetrics {
  const namespace = metricNamespace(config);
  const ofSpark = (name: string, field: string): cloudwatch.Metric =>
    loggedMetric(scope, emr.stepLog, namespace, { name, event: 'progress', field }, 'Sum', MINUTE);
  const ofReplay = (name: string, field: string, statistic: string): cloudwatch.Metric | undefined =>
    role && loggedMetric(scope, role.log, namespace, { name, event: 'progress', field }, statistic, MINUTE);
  return {
    sparkRows: ofSpark('SparkRows', 'rows'),
    late: ofSpark('LateReadings', 'late'),
    deadLetters: ofSpark('DeadLetters', 'dead_letters'),
    replayRate: ofReplay('ReplayReadingsPerSecond', 'readings_per_s', 'Average'),
    replayLateness: ofReplay('ReplayLateMs', 'late_ms', 'Maximum'),
  };
}
