import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import { type RunbookSection, runbookLink } from './runbook.ts';

export interface AlarmDefinition {
  /** Unique in the deployment; part of the alarm's name. */
  readonly id: string;
  /** What is wrong, for somebody who has just been woken. */
  readonly what: string;
  /** The section of docs/runbook.md that resolves it. */
  readonly section: RunbookSection;
  readonly metric: cloudwatch.IMetric;
  /** In the metric's unit. */
  readonly threshold: number;
  /** @default above the threshold */
  readonly below?: boolean;
  /** For how many periods of the metric. @default 3 */
  readonly periods?: number;
  /** Out of how many periods; at least `periods`. @default periods, which is in a row */
  readonly within?: number;
  /** What silence means: `fine` for events that rarely come, `alarm` for what should always report. @default fine */
  readonly silence?: 'fine' | 'alarm';
}

/** An alarm that tells its action and its cure. */
export function addAlarm(
  scope: Construct,
  prefix: string,
  action: cloudwatch.IAlarmAction,
  definition: AlarmDefinition,
): cloudwatch.Alarm {
  const { id, what, section, metric, threshold, below = false, periods = 3, silence = 'fine' } = definition;
  const { within = periods } = definition;
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmName: `${prefix}-${id}`,
    alarmDescription: `${what} Cure: ${runbookLink(section)}`,
    metric,
    threshold,
    comparisonOperator: below
      ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
      : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: within,
    datapointsToAlarm: periods,
    treatMissingData:
      silence === 'alarm' ? cloudwatch.TreatMissingData.BREACHING : cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  return alarm;
}

/** A metric by its names. */
export function metricOf(
  namespace: string,
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
  statistic: string,
  period: Duration,
): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace, metricName, dimensionsMap: { ...dimensionsMap }, statistic, period });
}
