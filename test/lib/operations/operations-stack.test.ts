import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { z } from 'zod';

import { type AlarmDefinition, checkSilence, type Silence } from '../../../lib/operations/alarm.ts';
import { RUNBOOK_SECTIONS } from '../../../lib/operations/runbook.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { preset, prodTemplates } from '../../support/synth.ts';

const alarmSchema = z.object({
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).min(1),
  OKActions: z.array(z.unknown()).min(1),
});

/** The anchors of a Markdown file's sections, as GitHub makes them. */
const anchors = (path: string): string[] =>
  readFileSync(repositoryPath(path), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('## '))
    .map((line) =>
      line
        .slice(3)
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );

describe('an alarm', () => {
  const alarms = preset('seed')
    .resources('AWS::CloudWatch::Alarm')
    .map(({ Properties }) => alarmSchema.parse(Properties));

  test('sends a notification, and names a section of the runbook that exists', () => {
    expect(alarms.length).toBeGreaterThan(10);
    const known = anchors('docs/operate/alarms.md');
    for (const { AlarmDescription } of alarms) {
      const section = /docs\/operate\/alarms\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1];
      expect(known).toContain(section);
    }
  });

  test('is there for every section that alarms may name', () => {
    const named = alarms.map(({ AlarmDescription }) => AlarmDescription.split('#')[1]);
    expect(RUNBOOK_SECTIONS.filter((section) => !named.includes(section))).toEqual([]);
  });

  test('goes to an address in prod', () => {
    const [subscription] = prodTemplates().resources('AWS::SNS::Subscription');
    expect(subscription?.Properties).toMatchObject({ Protocol: 'email', Endpoint: 'operator@example.org' });
  });
});

const namedAlarmSchema = z.object({
  AlarmName: z.string(),
  TreatMissingData: z.string(),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  Period: z.number().optional(),
});

const alarmsOf = (templates = preset('seed')): Map<string, z.output<typeof namedAlarmSchema>> =>
  new Map(
    templates
      .resources('AWS::CloudWatch::Alarm')
      .map(({ Properties }) => namedAlarmSchema.parse(Properties))
      .map((alarm) => [alarm.AlarmName, alarm]),
  );

describe('the alarms', () => {
  test('watch each host for its life, memory and disk', () => {
    const hosts = preset('seed').resources('AWS::AutoScaling::AutoScalingGroup').length;
    expect(hosts).toBe(4);
    for (const kind of ['dead', 'memory', 'disk']) {
      const names = [...alarmsOf().keys()].filter((name) =>
        new RegExp(`^igrid-(replay-\\d|druid|airflow|superset)-${kind}$`).test(name),
      );
      expect(names).toHaveLength(hosts);
    }
  });

  test('ring when what should always report falls silent', () => {
    const alarms = alarmsOf();
    const hosts = [...alarms.keys()].filter((name) => /-(dead|memory)$/.test(name));
    const others = [
      ...['canary-silent', 'duty-cycles-silent', 'spark-silent', 'replay-silent', 'history-stale'],
      ...['airflow-unhealthy', 'druid-supervisor', 'broker-1-disk', 'database-disk'],
    ].map((name) => `igrid-${name}`);
    expect(hosts).toHaveLength(8);
    for (const name of [...hosts, ...others]) {
      expect([name, alarms.get(name)?.TreatMissingData]).toEqual([name, 'breaching']);
    }
  });

  test('ring when the streaming job has reported no progress for ten minutes', () => {
    const silent = alarmsOf().get('igrid-spark-silent');
    expect(silent).toMatchObject({ TreatMissingData: 'breaching', Threshold: 1, EvaluationPeriods: 2, Period: 300 });
  });

  test('take silence for good news only where another one rings', () => {
    const definition = (id: string, silence: Silence): AlarmDefinition => ({
      ...{ id, silence, what: '', section: 'function-errors', threshold: 0 },
      metric: new cloudwatch.Metric({ namespace: 'n', metricName: 'm' }),
    });
    const lag = definition('lag', { reportedBy: 'silent' });
    expect(() => checkSilence([lag, definition('silent', 'breaching'), definition('errors', 'rare')])).not.toThrow();
    for (const other of [definition('silent', 'rare'), definition('other', 'breaching')]) {
      expect(() => checkSilence([lag, other])).toThrow('alarm lag: no alarm silent rings without data');
    }
  });

  test('watch every function of ours', () => {
    const functions = preset('seed')
      .resources('AWS::Lambda::Function')
      .filter(({ Properties }) => Properties.Handler === 'index.handler' || Properties.Handler === 'index.isComplete')
      .filter(({ Properties }) => !JSON.stringify(Properties.Description ?? '').includes('AWS CDK resource provider'));
    const watched = [...alarmsOf().keys()].filter((name) => /-errors$|streaming-step$/.test(name));
    expect(functions.length).toBeGreaterThan(4);
    expect(watched.length).toBeGreaterThanOrEqual(functions.length);
  });

  test('tell readings from duty cycles, which are fresh in other ways', () => {
    const patterns = preset('seed')
      .resources('AWS::Logs::MetricFilter')
      .map(({ Properties }) => String(Properties.FilterPattern))
      .filter((pattern) => pattern.includes('"freshness"'));
    expect(patterns).toHaveLength(2);
    expect(patterns[0]).toContain('$.data_source = "powerraw"');
    expect(patterns[1]).toContain('$.data_source = "dutycycle"');
  });
});

describe('the dashboards', () => {
  const body = (name: string): string =>
    JSON.stringify(
      preset('seed')
        .resources('AWS::CloudWatch::Dashboard')
        .find(({ Properties }) => Properties.DashboardName === `igrid-${name}`)?.Properties.DashboardBody,
    );

  test('show the operator freshness, shed capacity, rates and lags', () => {
    for (const metric of [
      ...['FreshnessReadingsMs', 'FreshnessDutyCyclesMs', 'SheddableKw', 'PowerKw', 'ReadingsPerSecond'],
      ...['MessagesInPerSec', 'SumOffsetLag', 'ReplayLateMs', 'HistoryAgeMs'],
    ]) {
      expect(body('operator')).toContain(metric);
    }
  });

  test('show the room of brokers, hosts and the database', () => {
    for (const metric of [
      ...['KafkaDataLogsDiskUsed', 'UnderReplicatedPartitions', 'mem_used_percent', 'disk_used_percent'],
      ...['CPUUtilization', 'FreeStorageSpace'],
    ]) {
      expect(body('hosts')).toContain(metric);
    }
  });
});
