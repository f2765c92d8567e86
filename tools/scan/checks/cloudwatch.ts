import {
  CloudWatchClient,
  paginateDescribeAlarms,
  paginateListDashboards,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';

import { metricNamespace } from '../../../lib/config/metric-names.ts';
import { METRICS } from '../allowed.ts';
import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Alarms and dashboards, and the deployment's own metrics as one. */
export async function* cloudWatch({ name, region }: Scope): AsyncGenerator<Candidate> {
  const client = new CloudWatchClient(clientOf(region));
  const AlarmTypes = ['MetricAlarm', 'CompositeAlarm'] as const;
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
    { client },
    { AlarmTypes: [...AlarmTypes], AlarmNamePrefix: `${name}-` },
  )) {
    for (const { AlarmName = '' } of MetricAlarms) {
      yield { type: 'AWS::CloudWatch::Alarm', id: AlarmName, names: present(AlarmName) };
    }
    for (const { AlarmName = '' } of CompositeAlarms) {
      yield { type: 'AWS::CloudWatch::CompositeAlarm', id: AlarmName, names: present(AlarmName) };
    }
  }
  for await (const { DashboardEntries = [] } of paginateListDashboards(
    { client },
    { DashboardNamePrefix: `${name}-` },
  )) {
    for (const { DashboardName = '' } of DashboardEntries) {
      yield { type: 'AWS::CloudWatch::Dashboard', id: DashboardName, names: present(DashboardName) };
    }
  }
  const Namespace = metricNamespace({ name });
  let count = 0;
  for await (const { Metrics = [] } of paginateListMetrics({ client }, { Namespace })) {
    count += Metrics.length;
  }
  if (count > 0) {
    yield { type: METRICS, id: `${Namespace} (${count})`, names: [name] };
  }
}
