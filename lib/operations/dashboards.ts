import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import type { Host } from '../hosts/host.ts';
import type { AirflowMetrics, CanaryMetrics } from './airflow-metrics.ts';
import type { DruidMetrics } from './druid-alarms.ts';
import { brokerMetric, messagesIn, type ProgramMetrics, sparkLag } from './grid-metrics.ts';
import { cpuUsed, diskUsed, memoryUsed } from './host-metrics.ts';

type Metrics = readonly (cloudwatch.IMetric | undefined)[];

const present = (metrics: Metrics): cloudwatch.IMetric[] => metrics.filter((metric) => metric !== undefined);

/** Nothing when the deployment has none of the metrics: real meters have no producers. */
const graph = (title: string, label: string, metrics: Metrics): cloudwatch.IWidget[] => {
  const left = present(metrics);
  return left.length === 0
    ? []
    : [new cloudwatch.GraphWidget({ title, left, width: 12, leftYAxis: { label, showUnits: false, min: 0 } })];
};

const number = (title: string, metric: cloudwatch.IMetric): cloudwatch.SingleValueWidget =>
  new cloudwatch.SingleValueWidget({ title, metrics: [metric], width: 6, sparkline: true });

export interface OperatorDashboardProps {
  readonly config: GridConfig;
  readonly canary: CanaryMetrics;
  readonly airflow: AirflowMetrics;
  readonly programs: ProgramMetrics;
  readonly druid: DruidMetrics;
}

/** Whether the figures on Superset's dashboard are true: freshness, shed capacity, rates and lags. */
export function operatorDashboard(scope: Construct, props: OperatorDashboardProps): cloudwatch.Dashboard {
  const { config, canary, airflow, programs, druid } = props;
  const percentiles = (metric: cloudwatch.Metric): cloudwatch.Metric[] =>
    ['p50', 'p99'].map((statistic) => metric.with({ statistic, label: statistic }));
  return new cloudwatch.Dashboard(scope, 'operator', {
    dashboardName: `${config.name}-operator`,
    widgets: [
      [
        number('Could be shed now, kW', canary.sheddable),
        number('Drawn now, kW', canary.power),
        number('Readings/s that queries show', canary.readingsPerSecond),
        number('Freshness of readings, median, ms', canary.readings),
      ],
      [
        ...graph('Could be shed, of all that is drawn', 'kW', [
          canary.power.with({ label: 'drawn' }),
          canary.sheddable.with({ label: 'could be shed' }),
        ]),
        ...graph('Appliances heard', 'appliances', [canary.appliances]),
      ],
      [
        ...graph('Readings, from produce to a query', 'ms', percentiles(canary.readings)),
        ...graph("Duty cycles, from their window's end to a query", 'ms', percentiles(canary.dutyCycles)),
      ],
      [
        ...graph('Messages that Kafka takes, mostly readings', 'messages/s', [messagesIn(config)]),
        ...graph('Readings replayed, each producer', 'readings/s', [programs.replayRate]),
      ],
      [
        ...graph('Readings taken by Spark', 'readings/min', [programs.sparkRows]),
        ...graph('Spark behind Kafka', 'readings', [sparkLag(config)]),
      ],
      [
        ...graph('Druid behind Kafka', 'messages', [druid.lag]),
        ...graph('Unavailable segments', 'segments', [druid.unavailable]),
      ],
      [
        ...graph('Replay behind the clock', 'ms', [programs.replayLateness]),
        ...graph('Since history was last made', 'ms', [airflow.historyAge]),
      ],
      [
        ...graph('Late readings and dead letters', 'per minute', [
          programs.late.with({ label: 'late readings' }),
          programs.deadLetters.with({ label: 'dead letters' }),
        ]),
        ...graph('Failed slots of history', 'per minute', [airflow.slotFailures]),
      ],
    ],
  });
}

export interface HostsDashboardProps {
  readonly config: GridConfig;
  readonly foundation: FoundationStack;
  readonly hosts: readonly Host[];
}

/** Whether the machines have room: brokers, hosts, the database. */
export function hostsDashboard(scope: Construct, props: HostsDashboardProps): cloudwatch.Dashboard {
  const { config, hosts } = props;
  const { instance } = props.foundation.database;
  const period = Duration.minutes(5);
  const brokers = (name: string): cloudwatch.Metric[] =>
    Array.from({ length: config.kafka.brokers }, (_, index) =>
      brokerMetric(config, index + 1, name).with({ label: `broker ${index + 1}` }),
    );
  const ofHosts = (of: (host: Host) => cloudwatch.Metric): cloudwatch.Metric[] =>
    hosts.map((host) => of(host).with({ label: host.label }));
  return new cloudwatch.Dashboard(scope, 'hosts', {
    dashboardName: `${config.name}-hosts`,
    widgets: [
      [
        ...graph('Disks of brokers', '%', brokers('KafkaDataLogsDiskUsed')),
        ...graph('CPU of brokers', '%', brokers('CpuUser')),
      ],
      [
        ...graph('Partitions with too few copies', 'partitions', brokers('UnderReplicatedPartitions')),
        ...graph('CPU of hosts', '%', ofHosts(cpuUsed)),
      ],
      [...graph('Memory of hosts', '%', ofHosts(memoryUsed)), ...graph('Root disks of hosts', '%', ofHosts(diskUsed))],
      [
        ...graph('CPU of the metadata database', '%', [instance.metricCPUUtilization({ period })]),
        ...graph('Free disk of the metadata database', 'bytes', [instance.metricFreeStorageSpace({ period })]),
      ],
    ],
  });
}
