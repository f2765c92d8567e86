import { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import type { AirflowStack } from '../airflow/airflow-stack.ts';
import { metricNamespace, RARE_METRICS } from '../config/metric-names.ts';
import type { GridConfig } from '../config/schema.ts';
import { type LoggedFigure, loggedMetric } from './log-metrics.ts';

const MINUTE = Duration.minutes(1);

/** What the canary says of the grid (src/canary/events.ts). */
export interface CanaryMetrics {
  /** From produce to a query, ms. */
  readonly readings: cloudwatch.Metric;
  /** From a window's end to a query, ms. */
  readonly dutyCycles: cloudwatch.Metric;
  /** What all appliances draw now, kW. */
  readonly power: cloudwatch.Metric;
  /** What of it could be shed, kW. */
  readonly sheddable: cloudwatch.Metric;
  /** Appliances heard now. */
  readonly appliances: cloudwatch.Metric;
  /** Readings a second that queries show. */
  readonly readingsPerSecond: cloudwatch.Metric;
}

/** What the Airflow host says of itself (ec2-userdata/airflow/watch.sh and history.sh). */
export interface AirflowMetrics {
  /** Since a slot of history was last found or completed, ms. */
  readonly historyAge: cloudwatch.Metric;
  /** Attempts at a slot that failed, per minute. */
  readonly slotFailures: cloudwatch.Metric;
  /** How many of Airflow's parts are not healthy. */
  readonly airflowUnhealthy: cloudwatch.Metric;
}

export function canaryMetrics(scope: Construct, config: GridConfig, { role }: AirflowStack): CanaryMetrics {
  const of = (figure: LoggedFigure, statistic: string): cloudwatch.Metric =>
    loggedMetric(scope, role.log, metricNamespace(config), figure, statistic, MINUTE);
  const freshness = (name: string, dataSource: string): cloudwatch.Metric =>
    of({ name, event: 'freshness', field: 'ms', where: { data_source: dataSource } }, 'p50');
  const figure = (name: string, field: string): cloudwatch.Metric => of({ name, event: 'grid', field }, 'Average');
  return {
    readings: freshness('FreshnessReadingsMs', 'powerraw'),
    dutyCycles: freshness('FreshnessDutyCyclesMs', 'dutycycle'),
    power: figure('PowerKw', 'power_kw'),
    sheddable: figure('SheddableKw', 'sheddable_kw'),
    appliances: figure('Appliances', 'appliances'),
    readingsPerSecond: figure('ReadingsPerSecond', 'readings_per_s'),
  };
}

export function airflowMetrics(scope: Construct, config: GridConfig, { role }: AirflowStack): AirflowMetrics {
  const of = (figure: LoggedFigure, statistic: string): cloudwatch.Metric =>
    loggedMetric(scope, role.log, metricNamespace(config), figure, statistic, MINUTE);
  return {
    historyAge: of({ name: 'HistoryAgeMs', event: 'airflow', field: 'history_age_ms' }, 'Maximum'),
    airflowUnhealthy: of({ name: 'AirflowUnhealthy', event: 'airflow', field: 'unhealthy' }, 'Maximum'),
    slotFailures: of({ name: RARE_METRICS.slotFailures, event: 'slot_failed', field: 'status' }, 'SampleCount'),
  };
}
