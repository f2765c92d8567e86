import { beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { loadConfig } from '../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../lib/config/presets.ts';
import { matches } from '../../lib/stack/nag-findings.ts';
import { NAGGED, NAMED_ZONES } from '../support/deployments.ts';
import { statements } from '../support/iam.ts';
import { preset, prodTemplates, synthesised, type Templates, templatesOf, within } from '../support/synth.ts';

const NAMES = Object.keys(PRESETS) as PresetName[];

describe.each(NAMES)('the preset %s', (name) => {
  let templates: Templates;
  beforeAll(() => {
    templates = preset(name);
  });

  test('refuses access from outside', () => {
    const ingress = templates.resources('AWS::EC2::SecurityGroupIngress');
    expect(ingress.length).toBeGreaterThan(5);
    for (const { Properties } of ingress) {
      expect(Properties).toHaveProperty('SourceSecurityGroupId');
      expect(Properties).not.toHaveProperty('CidrIp');
    }
    // A NAT instance takes what the private subnets send; nothing else has rules of its own.
    const withinVpc = expect.objectContaining({
      CidrIp: { 'Fn::GetAtt': [expect.stringMatching(/^vpc/), 'CidrBlock'] },
    });
    const isNat = loadConfig({ preset: name }).network.nat === 'instance';
    const inline = templates
      .resources('AWS::EC2::SecurityGroup')
      .flatMap(({ Properties }) => z.array(z.unknown()).optional().parse(Properties.SecurityGroupIngress) ?? []);
    expect(inline).toEqual(isNat ? [withinVpc] : []);
    for (const { Properties } of templates.resources('AWS::EC2::Subnet')) {
      expect(Properties.MapPublicIpOnLaunch).toBe(false);
    }
    for (const { Properties } of templates.resources('AWS::RDS::DBInstance')) {
      expect(Properties.PubliclyAccessible).toBe(false);
    }
  });

  test('encrypts every store and every way', () => {
    for (const { Properties } of templates.resources('AWS::S3::Bucket')) {
      expect(Properties).toHaveProperty('BucketEncryption');
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
    expect(templates.resources('AWS::S3::BucketPolicy')).toHaveLength(templates.resources('AWS::S3::Bucket').length);
    for (const { Properties } of templates.resources('AWS::RDS::DBInstance')) {
      expect(Properties.StorageEncrypted).toBe(true);
    }
    for (const { Properties } of templates.resources('AWS::EC2::LaunchTemplate')) {
      const volumes = within(
        Properties,
        (value) => typeof value === 'object' && value !== null && 'VolumeSize' in value,
      );
      expect(volumes.length).toBeGreaterThan(0);
      for (const volume of volumes) {
        expect(volume).toMatchObject({ Encrypted: true });
      }
    }
    const [cluster] = templates.resources('AWS::MSK::Cluster');
    expect(cluster?.Properties.EncryptionInfo).toEqual({
      EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true },
    });
    expect(cluster?.Properties.ClientAuthentication).toEqual({
      Sasl: { Iam: { Enabled: true } },
      Unauthenticated: { Enabled: false },
    });
    const [security] = templates.resources('AWS::EMR::SecurityConfiguration');
    expect(security?.Properties.SecurityConfiguration).toMatchObject({
      EncryptionConfiguration: { EnableInTransitEncryption: true, EnableAtRestEncryption: true },
    });
  });

  test('keeps every log for a while and takes it with the stack', () => {
    const logs = templates.resources('AWS::Logs::LogGroup');
    expect(logs.length).toBeGreaterThan(5);
    for (const { logicalId, Properties, DeletionPolicy } of logs) {
      expect({ logicalId, days: Properties.RetentionInDays, DeletionPolicy }).toEqual({
        logicalId,
        days: expect.any(Number),
        DeletionPolicy: 'Delete',
      });
    }
  });

  test('leaves no function to log into a group outside the stacks', () => {
    const functions = templates.resources('AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(5);
    for (const { stack, logicalId, Properties } of functions) {
      expect({ stack, logicalId, logging: Properties.LoggingConfig }).toEqual({
        stack,
        logicalId,
        logging: expect.objectContaining({ LogGroup: expect.anything() }),
      });
    }
  });

  test('lets no function make a log group', () => {
    const roles = templates
      .resources('AWS::IAM::Role')
      .filter(({ Properties }) => JSON.stringify(Properties.AssumeRolePolicyDocument).includes('lambda.amazonaws.com'));
    expect(roles.length).toBeGreaterThan(5);
    for (const { stack, logicalId, Properties } of roles) {
      const text = JSON.stringify(Properties);
      const mayMakeGroups = text.includes('AWSLambdaBasicExecutionRole') || text.includes('AWSLambdaVPCAccess');
      const isDenied = statements(templates).some(
        ({ where, Effect, Action }) =>
          where === `${stack}/${logicalId}` && Effect === 'Deny' && Action.includes('logs:CreateLogGroup'),
      );
      expect({ stack, logicalId, mayMakeGroups: mayMakeGroups && !isDenied }).toEqual({
        stack,
        logicalId,
        mayMakeGroups: false,
      });
    }
  });

  test('tags everything that takes tags', () => {
    for (const { Properties } of templates.resources('AWS::EC2::VPC', 'AWS::S3::Bucket', 'AWS::EMR::Cluster')) {
      expect(JSON.stringify(Properties.Tags)).toMatch(/cost-centre.*environment.*project/);
    }
  });

  test('keeps every host metadata service to version 2 and one hop', () => {
    for (const { Properties } of templates.resources('AWS::EC2::LaunchTemplate')) {
      expect(Properties.LaunchTemplateData).toMatchObject({
        ImageId: 'resolve:ssm:/aws/service/debian/release/12/latest/amd64',
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      });
    }
  });

  test('refers to other stacks without locking them', () => {
    const text = [...templates.byPart.values()].map((template) => JSON.stringify(template)).join('');
    expect(text).toContain('Fn::GetStackOutput');
    expect(text).not.toContain('Fn::ImportValue');
  });

  test('spreads the brokers evenly over its zones', () => {
    const { zones } = loadConfig({ preset: name }).network;
    const [cluster] = templates.resources('AWS::MSK::Cluster');
    const { NumberOfBrokerNodes, BrokerNodeGroupInfo } = z
      .object({
        NumberOfBrokerNodes: z.number(),
        BrokerNodeGroupInfo: z.object({ ClientSubnets: z.array(z.unknown()) }),
      })
      .parse(cluster?.Properties);
    expect(BrokerNodeGroupInfo.ClientSubnets).toHaveLength(zones);
    expect(NumberOfBrokerNodes % zones).toBe(0);
  });
});

describe('the profile dev', () => {
  test('deletes everything with the stacks', () => {
    const kept = preset('seed')
      .resources()
      .filter(({ DeletionPolicy }) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete');
    expect(kept.map(({ stack, logicalId, DeletionPolicy }) => [stack, logicalId, DeletionPolicy])).toEqual([]);
    const stateful = preset('seed').resources('AWS::MSK::Cluster', 'AWS::RDS::DBInstance', 'AWS::KMS::Key');
    expect(stateful.map(({ Type, DeletionPolicy }) => [Type, DeletionPolicy])).toEqual([
      ['AWS::KMS::Key', 'Delete'],
      ['AWS::RDS::DBInstance', 'Delete'],
      ['AWS::MSK::Cluster', 'Delete'],
    ]);
  });

  test('pays for one NAT gateway and one database', () => {
    expect(preset('seed').resources('AWS::EC2::NatGateway')).toHaveLength(1);
    expect(preset('seed').resources('AWS::RDS::DBInstance')[0]?.Properties.MultiAZ).toBe(false);
  });
});

describe('the profile prod', () => {
  test('keeps data when the stacks go', () => {
    const stateful = prodTemplates().resources('AWS::MSK::Cluster', 'AWS::MSK::Topic', 'AWS::RDS::DBInstance');
    expect(stateful.length).toBe(6);
    for (const { Type, DeletionPolicy } of stateful) {
      expect({ Type, DeletionPolicy }).toEqual({ Type, DeletionPolicy: 'RetainExceptOnCreate' });
    }
    // All that is in it is staged again by the next deployment.
    const emptied = prodTemplates().resources('Custom::S3AutoDeleteObjects');
    expect(emptied.map(({ stack }) => stack)).toEqual(['downloads']);
  });

  test('survives a zone', () => {
    expect(prodTemplates().resources('AWS::EC2::NatGateway')).toHaveLength(3);
    const [database] = prodTemplates().resources('AWS::RDS::DBInstance');
    expect(database?.Properties).toMatchObject({ MultiAZ: true });
  });
});

describe('a synthesis', () => {
  test('looks nothing up, whether or not account and region are said', () => {
    expect(synthesised('seed').missing).toEqual([]);
    expect(synthesised('named-place').missing).toEqual([]);
  });

  test('uses the zones that the configuration names', () => {
    const zones = templatesOf('named-zones')
      .resources('AWS::EC2::Subnet')
      .map(({ Properties }) => Properties.AvailabilityZone);
    expect(new Set(zones)).toEqual(new Set(NAMED_ZONES));
  });

  test('makes the same templates twice', () => {
    expect(synthesised('seed-again').templates).toEqual(synthesised('seed').templates);
  });

  test('has no finding of cdk-nag that is not answered, and no answer without a finding', () => {
    const unanswered = new Set<string>();
    const given = new Set<string>();
    const used = new Set<string>();
    for (const name of NAGGED) {
      const { findings = [], answers = [] } = synthesised(name).nag ?? {};
      expect(findings.length).toBeGreaterThan(10);
      answers.forEach(({ path, accepted }) => given.add(`${path} ${accepted}`));
      for (const { path, finding } of findings) {
        const answer = answers.filter(
          (candidate) => `${path}/`.startsWith(`${candidate.path}/`) && matches(candidate.accepted, finding),
        );
        answer.forEach((one) => used.add(`${one.path} ${one.accepted}`));
        if (answer.length === 0) {
          unanswered.add(`${path} ${finding}`);
        }
      }
    }
    expect([...unanswered].sort()).toEqual([]);
    expect([...given].filter((answer) => !used.has(answer)).sort()).toEqual([]);
  });
});
