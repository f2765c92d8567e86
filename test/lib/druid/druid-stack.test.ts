import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { archive } from '../../../lib/assets/archive.ts';
import { loadConfig } from '../../../lib/config/load.ts';
import { desiredState, specsContents } from '../../../lib/druid/druid-specs.ts';
import { DRUID_USERS } from '../../../src/druid/users.ts';
import { preset, prodTemplates, type Templates, templatesOf as deployed, within } from '../../support/synth.ts';

const deployments: [string, () => Templates][] = [
  ['dev', () => preset('seed')],
  ['prod', prodTemplates],
];

/** Resources of the stack of a type. */
const of = (templates: Templates, type: string) => templates.resources(type).filter(({ stack }) => stack === 'druid');

const statementSchema = z.object({
  Effect: z.string(),
  Action: z.union([z.string(), z.array(z.string())]).transform((actions) => [actions].flat()),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});

/** What the policies that mention `needle` allow. */
const statementsWith = (templates: Templates, needle: string) =>
  of(templates, 'AWS::IAM::Policy')
    .flatMap(
      ({ Properties }) =>
        z.object({ PolicyDocument: z.object({ Statement: z.array(statementSchema) }) }).parse(Properties).PolicyDocument
          .Statement,
    )
    .filter(({ Action }) => Action.includes(needle));

describe.each(deployments)('the druid stack in %s', (profile, templatesOf) => {
  test('lets in what asks the Router, and nothing else', () => {
    const templates = templatesOf();
    const names = new Map(
      templates
        .resources('AWS::EC2::SecurityGroup')
        .map(({ logicalId, Properties }) => [logicalId, Properties.GroupName]),
    );
    const druid = [...names].find(([, name]) => name === 'igrid-druid')?.[0] ?? 'none';
    const rules = templates
      .resources('AWS::EC2::SecurityGroupIngress')
      .filter(({ Properties }) => JSON.stringify(Properties.GroupId).includes(`"${druid}"`));
    expect(rules.map(({ Properties: { FromPort, ToPort, Description } }) => [FromPort, ToPort, Description])).toEqual([
      [9088, 9088, 'airflow to druid: history and canary'],
      [9088, 9088, 'superset to druid: charts'],
    ]);
  });

  test('has an address that outlives every host, by a record of the stack', () => {
    const [networkInterface, ...more] = of(templatesOf(), 'AWS::EC2::NetworkInterface');
    expect(more).toEqual([]);
    const id = networkInterface?.logicalId;
    expect(of(templatesOf(), 'AWS::Route53::RecordSet')[0]?.Properties).toMatchObject({
      Name: 'druid.igrid.internal.',
      Type: 'A',
      ResourceRecords: [{ 'Fn::GetAtt': [id, 'PrimaryPrivateIpAddress'] }],
    });
    // The group has one instance, in the subnet of the interface.
    const [group] = of(templatesOf(), 'AWS::AutoScaling::AutoScalingGroup');
    expect(group?.Properties).toMatchObject({ MinSize: '1', MaxSize: '1' });
    expect(group?.Properties.VPCZoneIdentifier).toEqual([networkInterface?.Properties.SubnetId]);
  });

  test('lets a host take the one interface, for itself alone', () => {
    const [networkInterface] = of(templatesOf(), 'AWS::EC2::NetworkInterface');
    const taking = statementsWith(templatesOf(), 'ec2:AttachNetworkInterface');
    expect(taking).toHaveLength(2);
    const [onInterface, onInstances] = taking;
    expect(JSON.stringify(onInterface?.Resource)).toContain(':network-interface/');
    expect(JSON.stringify(onInterface?.Resource)).toContain(`["${networkInterface?.logicalId}","Id"]`);
    expect(onInstances?.Condition).toEqual({ StringEquals: { 'ec2:ResourceTag/Name': 'igrid-druid' } });
  });

  test('keeps segments encrypted, expires what retention has long dropped, and keeps the bucket in prod only', () => {
    const [bucket, ...more] = of(templatesOf(), 'AWS::S3::Bucket');
    expect(more).toEqual([]);
    expect(bucket?.Properties).toHaveProperty('BucketEncryption');
    expect(bucket?.DeletionPolicy).toBe(profile === 'prod' ? 'RetainExceptOnCreate' : 'Delete');
    const rules = z
      .object({
        Rules: z.array(z.looseObject({ Prefix: z.string().optional(), ExpirationInDays: z.number().optional() })),
      })
      .parse(bucket?.Properties.LifecycleConfiguration).Rules;
    const days = new Map(rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays]));
    // 10 days of retention, 7 until Druid deletes: what is in use is younger by far.
    expect(days.get('segments/')).toBeGreaterThan(10 + 7 + 7);
    expect(days.get('task-logs/')).toBe(14);
  });

  test('gives every user a generated password, kept as long as the metadata that know it', () => {
    const secrets = of(templatesOf(), 'AWS::SecretsManager::Secret');
    expect(secrets).toHaveLength(DRUID_USERS.length);
    for (const { Properties, DeletionPolicy } of secrets) {
      expect(Properties.GenerateSecretString).toMatchObject({ PasswordLength: 40, ExcludePunctuation: true });
      expect(DeletionPolicy).toBe(profile === 'prod' ? 'RetainExceptOnCreate' : 'Delete');
    }
  });

  test('tells the host no secret, only where each is', () => {
    const [template] = of(templatesOf(), 'AWS::EC2::LaunchTemplate');
    const userData = JSON.stringify(template?.Properties.LaunchTemplateData);
    expect(userData).toContain('ADMIN_SECRET=');
    expect(userData).not.toMatch(/resolve:secretsmanager|SecretString|PASSWORD/i);
  });

  test('sends the host commands whose parameters are a key and a hash, and no others', () => {
    const [document] = of(templatesOf(), 'AWS::SSM::Document');
    const content = z
      .object({
        parameters: z.record(z.string(), z.object({ allowedPattern: z.string() })),
        mainSteps: z.array(z.object({ inputs: z.object({ runCommand: z.array(z.string()) }) })),
      })
      .parse(document?.Properties.Content);
    expect(Object.keys(content.parameters)).toEqual(['Key', 'Sha256']);
    expect(content.mainSteps.flatMap(({ inputs }) => inputs.runCommand)).toEqual([
      '/opt/igrid/current/host/apply-specs.sh {{ Key }} {{ Sha256 }}',
    ]);
    const key = new RegExp(content.parameters.Key?.allowedPattern ?? '');
    const hash = new RegExp(content.parameters.Sha256?.allowedPattern ?? '');
    for (const evil of ['a.tar; reboot', '$(id).tar', 'a b', '`id`', "a'b", 'a\nb']) {
      expect(key.test(evil)).toBe(false);
    }
    expect(hash.test('a'.repeat(64))).toBe(true);
    expect(hash.test(`${'a'.repeat(63)};`)).toBe(false);
    const sending = statementsWith(templatesOf(), 'ssm:SendCommand');
    expect(JSON.stringify(sending[0]?.Resource)).toContain(document?.logicalId);
    expect(sending.slice(1).map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'ssm:resourceTag/Name': 'igrid-druid' } },
    ]);
  });

  test('posts specs only after the host has signalled, and suspends them before it goes', () => {
    const [specs] = of(templatesOf(), 'Custom::DruidSpecs');
    const [group] = of(templatesOf(), 'AWS::AutoScaling::AutoScalingGroup');
    expect([specs?.DependsOn].flat()).toContain(group?.logicalId);
    expect(specs?.Properties).toMatchObject({
      Sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      SuspendSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(specs?.Properties.Sha256).not.toBe(specs?.Properties.SuspendSha256);
  });

  test('reads its own topics, and produces nothing', () => {
    const text = JSON.stringify(of(templatesOf(), 'AWS::IAM::Policy'));
    expect(text).toContain('kafka-cluster:ReadData');
    expect(text).not.toContain('kafka-cluster:WriteData');
    expect(within(of(templatesOf(), 'AWS::IAM::Policy'), (value) => value === 'kafka-cluster:*')).toEqual([]);
  });
});

describe('the archive of specs', () => {
  const hash = (desired: Parameters<typeof specsContents>[0]) =>
    archive({ name: 'specs', contents: specsContents(desired) }).sha256;

  test('changes with what is desired, so that it is posted again', () => {
    const seed = desiredState(loadConfig({ preset: 'seed' }));
    expect(hash(seed)).toBe(hash({ ...seed }));
    const slower = desiredState({ ...loadConfig({ preset: 'seed' }), speed: 1 });
    expect(hash(slower)).not.toBe(hash(seed));
    expect(hash({ state: 'suspended' })).not.toBe(hash(seed));
  });

  test('asks for the maximum gap in wall-clock time', () => {
    // 30 s of grid time at speed 24.
    expect(desiredState(loadConfig({ preset: 'seed' }))).toMatchObject({ maxIntervalMs: 1_250, retentionDays: 10 });
  });
});

test('another number of tasks is another archive of specs, and the same host', () => {
  const [before, after] = [preset('seed'), deployed('more-tasks')];
  const keys = (templates: Templates) => of(templates, 'Custom::DruidSpecs').map(({ Properties }) => Properties.Key);
  expect(keys(after)).toHaveLength(1);
  expect(keys(after)).not.toEqual(keys(before));
  for (const type of ['AWS::EC2::LaunchTemplate', 'AWS::AutoScaling::AutoScalingGroup']) {
    expect(of(before, type)).toHaveLength(1);
    expect(of(after, type)).toEqual(of(before, type));
  }
});
