/** What services and the network may do, which no role says. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { textOf } from '../support/iam.ts';
import { type Located, preset, prodTemplates } from '../support/synth.ts';

const deployments = [
  ['seed', preset('seed')],
  ['prod', prodTemplates()],
] as const;

const documentSchema = z.object({ Statement: z.array(z.record(z.string(), z.unknown())) });

const allowed = (document: unknown) =>
  documentSchema.parse(document).Statement.filter(({ Effect }) => Effect === 'Allow');

const isService = z.object({ Principal: z.object({ Service: z.unknown() }) });

describe.each(deployments)('in %s', (_, templates) => {
  const only = (type: string): Located => {
    const [resource, ...others] = templates.resources(type);
    if (!resource || others.length > 0) {
      throw new Error(`there is not exactly one ${type}`);
    }
    return resource;
  };

  test('a bucket refuses what is not encrypted on its way, and grants only to roles', () => {
    const policies = templates.resources('AWS::S3::BucketPolicy');
    expect(policies.length).toBeGreaterThan(2);
    for (const { Properties } of policies) {
      expect(documentSchema.parse(Properties.PolicyDocument).Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
      for (const { Principal } of allowed(Properties.PolicyDocument)) {
        expect(Principal).toEqual({ AWS: { 'Fn::GetAtt': [expect.stringContaining('Role'), 'Arn'] } });
      }
    }
  });

  test('only alarms and budgets of this account publish to the topic of alarms, encrypted on the way', () => {
    const { Properties } = only('AWS::SNS::TopicPolicy');
    expect(documentSchema.parse(Properties.PolicyDocument).Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sns:Publish',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com'] },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ]);
  });

  test('the key is rotated, and services use it for this account alone', () => {
    const { Properties } = only('AWS::KMS::Key');
    expect(Properties.EnableKeyRotation).toBe(true);
    const services = allowed(Properties.KeyPolicy).filter((statement) => isService.safeParse(statement).success);
    expect(services.length).toBeGreaterThan(0);
    for (const { Condition } of services) {
      expect(Condition).toEqual({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
    }
  });

  test('a service that invokes a function does so for one rule', () => {
    const permissions = templates.resources('AWS::Lambda::Permission');
    expect(permissions.length).toBeGreaterThan(0);
    for (const { Properties } of permissions) {
      expect(Properties).toMatchObject({ Action: 'lambda:InvokeFunction', SourceArn: expect.anything() });
    }
  });

  test('the metadata database takes TLS only and keeps backups', () => {
    expect(only('AWS::RDS::DBParameterGroup').Properties.Parameters).toEqual({ 'rds.force_ssl': '1' });
    const { Properties } = only('AWS::RDS::DBInstance');
    expect(Properties.DBParameterGroupName).toHaveProperty('Ref', only('AWS::RDS::DBParameterGroup').logicalId);
    expect(Properties.BackupRetentionPeriod).toBeGreaterThanOrEqual(1);
    expect(Properties.EnableCloudwatchLogsExports).toEqual(['postgresql']);
  });

  test('refused connections are logged', () => {
    expect(only('AWS::EC2::FlowLog').Properties).toMatchObject({
      ResourceType: 'VPC',
      TrafficType: 'REJECT',
      LogDestinationType: 'cloud-watch-logs',
    });
  });

  test('private subnets reach the internet through NAT gateways, public ones directly', () => {
    const routes = templates.resources('AWS::EC2::Route').map(({ Properties }) => ({
      from: textOf(Properties.RouteTableId).replace(/^<vpc(private|public).*/, '$1'),
      by: Properties.NatGatewayId === undefined ? (Properties.GatewayId ? 'internet' : 'other') : 'nat',
      to: Properties.DestinationCidrBlock,
    }));
    const kinds = [...new Set(routes.map(({ from, by, to }) => `${from} ${by} ${textOf(to)}`))];
    expect(kinds.sort()).toEqual(['private nat 0.0.0.0/0', 'public internet 0.0.0.0/0']);
    expect(routes).toHaveLength(6);
    expect(templates.resources('AWS::EC2::SubnetRouteTableAssociation')).toHaveLength(6);
  });

  test('S3 is reached without leaving the network, from every subnet', () => {
    const { Properties } = only('AWS::EC2::VPCEndpoint');
    expect(Properties).toMatchObject({ VpcEndpointType: 'Gateway' });
    expect(Properties.RouteTableIds).toHaveLength(6);
    expect(textOf(Properties.ServiceName)).toMatch(/\.s3$/);
  });

  test("the brokers' disks grow before they are full, and never shrink", () => {
    const { Properties } = only('AWS::ApplicationAutoScaling::ScalingPolicy');
    expect(Properties.TargetTrackingScalingPolicyConfiguration).toMatchObject({
      DisableScaleIn: true,
      PredefinedMetricSpecification: { PredefinedMetricType: 'KafkaBrokerStorageUtilization' },
    });
    const { MinCapacity, MaxCapacity } = only('AWS::ApplicationAutoScaling::ScalableTarget').Properties;
    expect(MaxCapacity).toBeGreaterThan(Number(MinCapacity));
  });

  test('the budget is told before and after it is spent', () => {
    const notifications = z
      .array(z.object({ Notification: z.object({ NotificationType: z.string(), Threshold: z.number() }) }))
      .parse(only('AWS::Budgets::Budget').Properties.NotificationsWithSubscribers);
    expect(notifications.map(({ Notification }) => Notification.NotificationType).sort()).toEqual([
      'ACTUAL',
      'FORECASTED',
    ]);
  });
});
