import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import { runbookLink, type RunbookSection } from './runbook.ts';

export interface AlarmDefinition {
  /** Unique in the deployment; part of the alarm's name. */
  readonly id: string;
  /** What is wrong, for someone who has just been woken. */
  readonly what: string;
  /** The section of docs/operate/alarms.md that resolves it. */
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
  readonly silence: Silence;
}

/**
 * What a lack of data means. An alarm that takes it for good news is blind when whatever publishes its metric stops, so
 * there is no default:
 *
 * - `breaching`: the metric always has data, and the alarm rings without.
 * - `rare`: the metric has data only when something is wrong, or when something is invoked.
 * - `reportedBy`: the metric always has data, of the same source as that of another alarm, which rings without. One alarm
 *   for each source that falls silent is enough.
 */
export type Silence = 'breaching' | 'rare' | { readonly reportedBy: string };

/**
 * @throws RangeError that names an alarm whose silence no other alarm reports.
 */
export function checkSilence(definitions: readonly AlarmDefinition[]): void {
  const breaching = definitions.filter(({ silence }) => silence === 'breaching').map(({ id }) => id);
  for (const { id, silence } of definitions) {
    if (typeof silence === 'object' && !breaching.includes(silence.reportedBy)) {
      throw new RangeError(
        `alarm ${id}: no alarm ${silence.reportedBy} rings without data: name one whose silence is 'breaching'`,
      );
    }
  }
}

/** An alarm that tells its action and its cure. */
export function addAlarm(
  scope: Construct,
  prefix: string,
  action: cloudwatch.IAlarmAction,
  definition: AlarmDefinition,
): cloudwatch.Alarm {
  const { id, what, section, metric, threshold, below = false, periods = 3, silence } = definition;
  const { within = periods } = definition;
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmName: `${prefix}-${id}`,
    alarmDescription: `${what} Runbook: ${runbookLink(section)}`,
    metric,
    threshold,
    comparisonOperator: below
      ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
      : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: within,
    datapointsToAlarm: periods,
    treatMissingData:
      silence === 'breaching' ? cloudwatch.TreatMissingData.BREACHING : cloudwatch.TreatMissingData.NOT_BREACHING,
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
