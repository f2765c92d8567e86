import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** A figure that a program reports in its JSON lines, made a metric by CloudWatch itself: the program knows no AWS. */
export interface LoggedFigure {
  /** Name of the metric. */
  readonly name: string;
  /** Value of the line's field `event`. */
  readonly event: string;
  /** Field of the line. */
  readonly field: string;
  /** Values that other fields of the line must have. @default any */
  readonly where?: Readonly<Record<string, string>>;
}

/** Makes a metric of a figure in a log. */
export function loggedMetric(
  scope: Construct,
  logGroup: logs.ILogGroup,
  metricNamespace: string,
  { name, event, field, where = {} }: LoggedFigure,
  statistic: string,
  period: Duration,
): cloudwatch.Metric {
  new logs.MetricFilter(scope, `${name}-filter`, {
    logGroup,
    filterPattern: logs.FilterPattern.all(
      logs.FilterPattern.stringValue('$.event', '=', event),
      ...Object.entries(where).map(([other, value]) => logs.FilterPattern.stringValue(`$.${other}`, '=', value)),
      logs.FilterPattern.exists(`$.${field}`),
    ),
    metricNamespace,
    metricName: name,
    metricValue: `$.${field}`,
  });
  return new cloudwatch.Metric({ namespace: metricNamespace, metricName: name, statistic, period });
}
