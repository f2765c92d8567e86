/** Alarms, dashboards and metrics of the emulated CloudWatch. */
import {
  CloudWatchClient,
  GetDashboardCommand,
  GetMetricStatisticsCommand,
  ListDashboardsCommand,
  paginateDescribeAlarms,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';

import { CLIENT } from '../cloud.ts';
import { alarmMetrics, dashboardMetrics, describeMetric, type WantedMetric } from './wanted.ts';

/** How far back data count as current, ms: programs report each minute. */
const RECENT_MS = 600_000;

/** What the deployed alarms and dashboards ask for. */
export async function deployedMetrics(): Promise<WantedMetric[]> {
  return withClient(async (client) => {
    const wanted: WantedMetric[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, {})) {
      wanted.push(...MetricAlarms.flatMap(alarmMetrics));
    }
    const { DashboardEntries = [] } = await client.send(new ListDashboardsCommand({}));
    for (const { DashboardName = '' } of DashboardEntries) {
      const { DashboardBody = '' } = await client.send(new GetDashboardCommand({ DashboardName }));
      wanted.push(...dashboardMetrics(DashboardName, DashboardBody));
    }
    return wanted;
  });
}

/** Those of some metrics that have no current data with exactly their dimensions. */
export async function withoutData(metrics: readonly WantedMetric[]): Promise<WantedMetric[]> {
  return withClient(async (client) => {
    const known = new Set<string>();
    for (const Namespace of new Set(metrics.map(({ namespace }) => namespace))) {
      for await (const { Metrics = [] } of paginateListMetrics({ client }, { Namespace })) {
        for (const { MetricName: name = '', Dimensions = [] } of Metrics) {
          const dimensions = Object.fromEntries(Dimensions.map((pair) => [pair.Name ?? '', pair.Value ?? '']));
          known.add(describeMetric({ namespace: Namespace, name, dimensions }));
        }
      }
    }
    const missing: WantedMetric[] = [];
    for (const metric of metrics) {
      if (!known.has(describeMetric(metric)) || !(await hasRecentData(client, metric))) {
        missing.push(metric);
      }
    }
    return missing;
  });
}

async function hasRecentData(
  client: CloudWatchClient,
  { namespace, name, dimensions }: WantedMetric,
): Promise<boolean> {
  const now = Date.now();
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - RECENT_MS),
      EndTime: new Date(now + 60_000),
      Period: 60,
      Statistics: ['SampleCount'],
    }),
  );
  return Datapoints.some(({ SampleCount = 0 }) => SampleCount > 0);
}

async function withClient<T>(work: (client: CloudWatchClient) => Promise<T>): Promise<T> {
  const client = new CloudWatchClient(CLIENT);
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
