/** Whatever an alarm or a graph asks for, something publishes: an alarm on a metric that does not exist never rings. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import {
  alarmMetrics,
  composedAlarms,
  dashboardMetrics,
  type WantedMetric,
} from '../../../rehearsal/metrics/wanted.ts';
import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { publishers } from '../../support/metrics/publishers.ts';
import { type Resolved, resolvedResources } from '../../support/metrics/resolved.ts';
import { preset, templatesOf } from '../../support/synth.ts';

const dashboardSchema = z.object({ DashboardName: z.string(), DashboardBody: z.string() });

/** Metrics that a deployment's alarms and dashboards ask for. */
function wanted(resources: readonly Resolved[]): WantedMetric[] {
  return resources.flatMap(({ type, properties }) => {
    switch (type) {
      case 'AWS::CloudWatch::Alarm':
        return alarmMetrics(properties);
      case 'AWS::CloudWatch::Dashboard': {
        const { DashboardName, DashboardBody } = dashboardSchema.parse(properties);
        return dashboardMetrics(DashboardName, DashboardBody);
      }
      default:
        return [];
    }
  });
}

/** Each metric that is asked for and that nothing publishes, with the reason. */
function unpublished(resources: readonly Resolved[]): string[] {
  const missing = publishers(resources);
  return wanted(resources).flatMap((metric) => {
    const why = missing(metric);
    return why === undefined ? [] : [`${metric.by}: ${why}`];
  });
}

describe.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('%s', (name) => {
  const resources = resolvedResources(templatesOf(name));

  test('publishes every metric that its alarms and graphs ask for', () => {
    expect(unpublished(resources)).toEqual([]);
  });

  test('composes alarms of alarms that exist', () => {
    const alarms = resources.filter(({ type }) => type === 'AWS::CloudWatch::Alarm');
    const known = alarms.flatMap(({ name: word, properties }) => [properties.AlarmName, word, `${word}.Arn`]);
    const rules = resources
      .filter(({ type }) => type === 'AWS::CloudWatch::CompositeAlarm')
      .map(({ properties }) => z.string().parse(properties.AlarmRule));
    expect(rules.flatMap(composedAlarms).filter((alarm) => !known.includes(alarm))).toEqual([]);
  });
});

const replaced = (properties: Resolved['properties'], text: string, other: string): Readonly<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(properties).replaceAll(text, other)));

describe('the check', () => {
  const seed = resolvedResources(preset('seed'));

  /** The seed with the properties of one resource type changed. */
  const changed = (
    type: string,
    change: (properties: Resolved['properties']) => Readonly<Record<string, unknown>>,
  ): string[] =>
    unpublished(
      seed.map((resource) =>
        resource.type === type ? { ...resource, properties: change(resource.properties) } : resource,
      ),
    );

  test('covers alarms and graphs, of ours and of AWS', () => {
    const metrics = wanted(seed);
    for (const namespace of ['iGrid/igrid', 'AWS/Kafka', 'AWS/AutoScaling', 'AWS/EC2', 'AWS/RDS', 'AWS/Lambda']) {
      expect(metrics.some((metric) => metric.namespace === namespace)).toBe(true);
    }
    expect(metrics.filter(({ by }) => by.startsWith('alarm ')).length).toBeGreaterThan(40);
    expect(metrics.filter(({ by }) => by.startsWith('dashboard ')).length).toBeGreaterThan(40);
  });

  test('finds a host whose agent reports under another name', () => {
    const renamed = changed('AWS::EC2::LaunchTemplate', (properties) =>
      replaced(properties, 'HOST_NAME=\\"igrid-druid\\"', 'HOST_NAME=\\"other\\"'),
    );
    expect(renamed.filter((line) => line.startsWith('alarm '))).toEqual([
      'alarm igrid-druid-memory: nothing publishes iGrid/igrid mem_used_percent {host_name=igrid-druid, role=druid}',
      'alarm igrid-druid-disk: nothing publishes iGrid/igrid disk_used_percent {fstype=ext4, host_name=igrid-druid, path=/, role=druid}',
    ]);
  });

  test('finds a metric filter that has been renamed, and one on a log that nothing writes', () => {
    const renamed = changed('AWS::Logs::MetricFilter', (properties) => replaced(properties, '"DruidLag"', '"Lag"'));
    expect(renamed).toContain('alarm igrid-druid-lag: nothing publishes iGrid/igrid DruidLag {}');
    const elsewhere = changed('AWS::EMR::Cluster', (properties) => replaced(properties, '"STDOUT",', ''));
    expect(elsewhere).toContain('alarm igrid-spark-silent: nothing publishes iGrid/igrid SparkRows {}');
  });

  test("finds a metric above the cluster's monitoring level", () => {
    const perTopic: WantedMetric = {
      ...{ by: 'a graph', namespace: 'AWS/Kafka', name: 'MessagesInPerSec', period: 60 },
      dimensions: { 'Cluster Name': 'igrid', 'Broker ID': '1', Topic: 'powerraw' },
    };
    const at = (EnhancedMonitoring: string): string | undefined =>
      publishers(
        seed.map(({ properties, ...resource }) =>
          resource.type === 'AWS::MSK::Cluster'
            ? { ...resource, properties: { ...properties, EnhancedMonitoring } }
            : { ...resource, properties },
        ),
      )(perTopic);
    expect(at('PER_TOPIC_PER_PARTITION')).toBeUndefined();
    expect(at('PER_BROKER')).toMatch(/begins at the monitoring level PER_TOPIC_PER_BROKER$/);
  });

  test.each([
    [
      'a group that does not measure itself',
      'AWS::AutoScaling::AutoScalingGroup',
      { MetricsCollection: [] },
      /is no host group/,
    ],
    [
      'a broker that the cluster lacks',
      'AWS::MSK::Cluster',
      { NumberOfBrokerNodes: 2 },
      /^alarm igrid-broker-3-disk: 3 is no broker/,
    ],
    ['a topic that is not created', 'AWS::MSK::Topic', { TopicName: 'other' }, /powerraw is no topic/],
  ])('finds %s', (_what, type, properties, expected) => {
    expect(changed(type, (before) => ({ ...before, ...properties })).join('\n')).toMatch(expected);
  });

  test('finds a period shorter than the time between data points', () => {
    const missing = publishers(seed);
    const cpu = wanted(seed).filter(({ namespace }) => namespace === 'AWS/EC2');
    expect(cpu.map(missing)).toEqual(cpu.map(() => undefined));
    expect(cpu.map((metric) => missing({ ...metric, period: 60 }))).toEqual(
      cpu.map(() => 'its period of 60 s is shorter than the 300 s between data points'),
    );
  });
});
