import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { preset } from '../../support/synth.ts';

const ruleSchema = z.object({
  EventPattern: z.object({
    source: z.array(z.string()),
    'detail-type': z.array(z.string()).optional(),
    detail: z.object({
      AutoScalingGroupName: z.array(z.unknown()).optional(),
      Cause: z.array(z.object({ wildcard: z.string() })).optional(),
    }),
  }),
  Targets: z.array(z.object({ Arn: z.unknown() })),
});

/** As EventBridge matches: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);

describe('replacements of hosts', () => {
  const templates = preset('seed');
  const rules = templates
    .resources('AWS::Events::Rule')
    .filter(({ Properties }) => JSON.stringify(Properties).includes('"aws.autoscaling"'))
    .map(({ logicalId, Properties }) => ({ logicalId, ...ruleSchema.parse(Properties) }));

  test('are counted for each group, and ring at the second within two hours', () => {
    const groups = templates.resources('AWS::AutoScaling::AutoScalingGroup');
    expect(
      new Set(rules.map(({ EventPattern }) => JSON.stringify(EventPattern.detail.AutoScalingGroupName))).size,
    ).toBe(groups.length);
    const alarms = templates
      .resources('AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => String(Properties.AlarmName).endsWith('-replaced'));
    expect(alarms).toHaveLength(groups.length);
    const watched = alarms.map(({ Properties }) => {
      expect(Properties).toMatchObject({
        ...{ Namespace: 'AWS/Events', MetricName: 'Invocations', Statistic: 'Sum', Period: 300 },
        ...{ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', DatapointsToAlarm: 2, EvaluationPeriods: 24 },
        TreatMissingData: 'notBreaching',
      });
      const [dimension] = z
        .array(z.object({ Name: z.literal('RuleName'), Value: z.object({ Ref: z.string() }) }))
        .parse(Properties.Dimensions);
      return dimension?.Value.Ref;
    });
    expect(watched.sort()).toEqual(rules.map(({ logicalId }) => logicalId).sort());
  });

  // The causes that Auto Scaling gives: https://repost.aws/knowledge-center/auto-scaling-instance-how-terminated
  test.each([
    ['an EC2 health check indicating it has been terminated or stopped', true],
    ['an EC2 instance status checks failure', true],
    ['a user request', false],
    ['a difference between desired and actual capacity, shrinking the capacity from 1 to 0', false],
  ])('in response to %s: counted %s', (cause, counted) => {
    const text = `At 2026-11-27T20:00:00Z an instance was taken out of service in response to ${cause}.`;
    expect(rules.length).toBeGreaterThan(0);
    for (const { EventPattern } of rules) {
      expect(EventPattern['detail-type']).toEqual(['EC2 Instance Terminate Successful']);
      expect(EventPattern.detail.Cause?.some(({ wildcard }) => matches(wildcard, text))).toBe(counted);
    }
  });

  test('are kept in a log that EventBridge may write to', () => {
    const [policy] = templates.resources('AWS::Logs::ResourcePolicy');
    const text = JSON.stringify(policy?.Properties.PolicyDocument);
    for (const word of [
      'events.amazonaws.com',
      'delivery.logs.amazonaws.com',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]) {
      expect(text).toContain(word);
    }
    for (const { Targets } of rules) {
      expect(JSON.stringify(Targets)).not.toContain(':*"');
    }
  });
});
