import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { properties } from '../../../lib/kafka/topics.ts';
import { TOPICS } from '../../../src/core/messages/topics.ts';
import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { textOf } from '../../support/iam.ts';
import { preset, prodTemplates, templatesOf } from '../../support/synth.ts';

/**
 * What a topic of MSK may be configured with: of these settings, those that the grid uses.
 * https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-properties.html#msk-topic-confinguration
 */
const TOPIC_SETTINGS = ['cleanup.policy', 'min.insync.replicas', 'retention.ms'];

/** Base64 of a JSON object of strings, as MSK's CreateTopic takes it: see lib/kafka/topics.ts. */
const configsSchema = z
  .object({ 'Fn::Base64': z.string() })
  .transform((configs): unknown => JSON.parse(configs['Fn::Base64']))
  .pipe(z.record(z.string(), z.string().min(1)));

const topicSchema = z.object({
  TopicName: z.string(),
  PartitionCount: z.int(),
  ReplicationFactor: z.int(),
  Configs: configsSchema,
});

const topics = (templates: ReturnType<typeof preset>) =>
  templates.resources('AWS::MSK::Topic').map(({ Properties }) => topicSchema.parse(Properties));

describe('the topics', () => {
  test('are those that the programs know, with the partitions and copies of the seed', () => {
    const found = topics(preset('seed'));
    expect(found.map(({ TopicName }) => TopicName).sort()).toEqual(Object.values(TOPICS).sort());
    for (const { TopicName, PartitionCount, ReplicationFactor } of found) {
      expect({ TopicName, PartitionCount, ReplicationFactor }).toEqual({
        TopicName,
        PartitionCount: TopicName === 'deadletter' ? 1 : 6,
        ReplicationFactor: 2,
      });
    }
  });

  test('keep taking messages while MSK patches a broker, and forget after their retention', () => {
    for (const { TopicName, Configs } of topics(preset('seed'))) {
      const hours = TopicName === 'deadletter' ? 168 : 48;
      expect(Configs).toEqual({ 'min.insync.replicas': '1', 'retention.ms': String(hours * 3_600_000) });
    }
  });

  test.each(Object.keys(DEPLOYMENTS) as DeploymentName[])(
    'of %s are configured by a JSON object of strings, known to Kafka and in alphabetical order',
    (name) => {
      const found = topics(templatesOf(name));
      expect(found.length).toBeGreaterThan(0);
      for (const { Configs } of found) {
        const settings = Object.keys(Configs);
        expect(settings.filter((setting) => !TOPIC_SETTINGS.includes(setting))).toEqual([]);
        expect(settings).toEqual([...settings].sort());
      }
    },
  );

  test('never have more copies than there are brokers, nor as many to be written, in any preset', () => {
    for (const name of ['dev', 'seed', 'district', 'city'] as const) {
      const [cluster] = preset(name).resources('AWS::MSK::Cluster');
      const brokers = z.int().parse(cluster?.Properties.NumberOfBrokerNodes);
      for (const { ReplicationFactor, PartitionCount, Configs } of topics(preset(name))) {
        const minimum = Number(Configs['min.insync.replicas']);
        expect(ReplicationFactor).toBeLessThanOrEqual(brokers);
        expect(minimum).toBeLessThan(ReplicationFactor);
        expect(PartitionCount).toBeGreaterThan(0);
      }
    }
  });

  test('stay in prod', () => {
    const kept = prodTemplates().resources('AWS::MSK::Topic');
    expect(kept).toHaveLength(4);
    for (const { DeletionPolicy } of kept) {
      expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    }
  });
});

describe('the brokers', () => {
  const [configuration] = preset('seed').resources('AWS::MSK::Configuration');

  test('make no topic by themselves and elect no leader that lacks messages', () => {
    expect(configuration?.Properties.ServerProperties).toContain('auto.create.topics.enable=false\n');
    expect(configuration?.Properties.ServerProperties).toContain('unclean.leader.election.enable=false\n');
  });

  test.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('of %s report what is free, and no more', (name) => {
    const [cluster] = templatesOf(name).resources('AWS::MSK::Cluster');
    expect(cluster?.Properties.EnhancedMonitoring).toBe('DEFAULT');
  });

  test("grow their disks up to the configuration's bound, by the service-linked role", () => {
    const { kafka } = DEPLOYMENTS.seed();
    const [target] = preset('seed').resources('AWS::ApplicationAutoScaling::ScalableTarget');
    expect(target?.Properties).toMatchObject({ MinCapacity: kafka.storageGiB, MaxCapacity: kafka.maxStorageGiB });
    expect(textOf(target?.Properties.RoleARN)).toBe(
      'arn:<AWS::Partition>:iam::<AWS::AccountId>:role/aws-service-role/kafka.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_KafkaCluster',
    );
    const [policy] = preset('seed').resources('AWS::ApplicationAutoScaling::ScalingPolicy');
    expect(policy?.Properties.TargetTrackingScalingPolicyConfiguration).toMatchObject({
      DisableScaleIn: true,
      TargetValue: 60,
    });
  });
});

test('properties are the same text whatever order they are said in', () => {
  expect(properties({ b: 2, a: true })).toBe('a=true\nb=2\n');
  expect(properties({ a: true, b: 2 })).toBe('a=true\nb=2\n');
});
