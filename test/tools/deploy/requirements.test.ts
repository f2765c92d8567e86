import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { TYPES_LOOKED_FOR } from '../../../tools/deploy/looks/names.ts';
import {
  addressesNeeded,
  DEBIAN_IMAGE,
  fixedNames,
  instanceNeeds,
  POSTGRES_MAJOR,
} from '../../../tools/deploy/requirements.ts';
import { type DeploymentName, DEPLOYMENTS } from '../../support/deployments.ts';
import { type Located, templatesOf, within } from '../../support/synth.ts';

const NAMES = Object.keys(DEPLOYMENTS) as DeploymentName[];

/** Properties that hold a resource's own name, and whether a second one of that name is refused. */
const NAME_PROPERTIES: Readonly<Record<string, { property: string; isUnique: boolean }>> = {
  'AWS::Budgets::Budget': { property: 'BudgetName', isUnique: true },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', isUnique: true },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', isUnique: true },
  'AWS::MSK::Cluster': { property: 'ClusterName', isUnique: true },
  'AWS::MSK::Configuration': { property: 'Name', isUnique: true },
  'AWS::RDS::DBInstance': { property: 'DBInstanceIdentifier', isUnique: true },
  'AWS::RDS::DBParameterGroup': { property: 'DBParameterGroupName', isUnique: true },
  'AWS::RDS::DBSubnetGroup': { property: 'DBSubnetGroupName', isUnique: true },
  'AWS::S3::Bucket': { property: 'BucketName', isUnique: true },
  'AWS::SecretsManager::Secret': { property: 'Name', isUnique: true },
  'AWS::SSM::Parameter': { property: 'Name', isUnique: true },
  'AWS::SSM::Document': { property: 'Name', isUnique: true },
  'AWS::SNS::Topic': { property: 'TopicName', isUnique: true },
  'AWS::IAM::Role': { property: 'RoleName', isUnique: true },
  'AWS::IAM::ManagedPolicy': { property: 'ManagedPolicyName', isUnique: true },
  'AWS::IAM::InstanceProfile': { property: 'InstanceProfileName', isUnique: true },
  'AWS::Lambda::Function': { property: 'FunctionName', isUnique: true },
  'AWS::StepFunctions::StateMachine': { property: 'StateMachineName', isUnique: true },
  'AWS::AutoScaling::AutoScalingGroup': { property: 'AutoScalingGroupName', isUnique: true },
  'AWS::EC2::LaunchTemplate': { property: 'LaunchTemplateName', isUnique: true },
  'AWS::EMR::SecurityConfiguration': { property: 'Name', isUnique: true },
  'AWS::Events::Rule': { property: 'Name', isUnique: true },
  'AWS::KMS::Alias': { property: 'AliasName', isUnique: true },
  // Overwritten.
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', isUnique: false },
  // Unique in their VPC, cluster or zone, which the deployment makes, or not at all.
  'AWS::EC2::SecurityGroup': { property: 'GroupName', isUnique: false },
  'AWS::EMR::Cluster': { property: 'Name', isUnique: false },
  'AWS::MSK::Topic': { property: 'TopicName', isUnique: false },
  'AWS::Route53::HostedZone': { property: 'Name', isUnique: false },
  'AWS::Route53::RecordSet': { property: 'Name', isUnique: false },
  'AWS::IAM::Policy': { property: 'PolicyName', isUnique: false },
  'AWS::ApplicationAutoScaling::ScalingPolicy': { property: 'PolicyName', isUnique: false },
};

/** Whether a property is called as names of resources are, so that a type new to the templates is noticed. */
const isNameProperty = (type: string, property: string): boolean =>
  property === 'Name' || property === `${type.split('::').at(-1) ?? ''}Name`;

function namesIn({ Type, Properties }: Located): string[] {
  const property = NAME_PROPERTIES[Type]?.property;
  const flat = Type === 'AWS::Budgets::Budget' ? Properties.Budget : Properties;
  return Object.entries(flat ?? {}).flatMap(([key, value]) =>
    key === property && typeof value === 'string' ? [value] : [],
  );
}

describe.each(NAMES)('what %s needs', (name) => {
  const config = DEPLOYMENTS[name]();
  const templates = templatesOf(name);

  test('are the names that its templates choose', () => {
    const chosen = templates
      .resources()
      .filter(({ Type }) => NAME_PROPERTIES[Type]?.isUnique)
      .flatMap((resource) => namesIn(resource).map((value) => `${resource.Type} ${value}`));
    expect(
      fixedNames(config)
        .map((fixed) => `${fixed.type} ${fixed.name}`)
        .sort(),
    ).toEqual(chosen.sort());
  });

  test('are names of types that this test knows', () => {
    const unknown = templates
      .resources()
      .filter(({ Type }) => !(Type in NAME_PROPERTIES) && !Type.startsWith('Custom::'))
      .filter(({ Type, Properties }) =>
        Object.entries(Properties).some(([key, value]) => typeof value === 'string' && isNameProperty(Type, key)),
      );
    expect(unknown).toEqual([]);
  });

  test('are the machines of its templates, each in its zone', () => {
    const zonesOf = (value: unknown): number[] =>
      within(value, (one) => typeof one === 'string' && /(private|public)Subnet\d/.test(one)).map(
        (one) => Number(/(?:private|public)Subnet(\d)/.exec(String(one))?.[1]) - 1,
      );
    const count = new Map<string, number>();
    const zones = new Map<string, Set<number>>();
    const add = (type: unknown, times: number, where: readonly number[]): void => {
      count.set(String(type), (count.get(String(type)) ?? 0) + times);
      zones.set(String(type), new Set([...(zones.get(String(type)) ?? []), ...where]));
    };
    const byId = new Map(
      templates.resources().map((resource) => [`${resource.stack} ${resource.logicalId}`, resource]),
    );
    for (const { stack, Properties } of templates.resources('AWS::AutoScaling::AutoScalingGroup')) {
      const [id] = within(Properties.LaunchTemplate, (one) => byId.has(`${stack} ${String(one)}`));
      const [type] = within(byId.get(`${stack} ${String(id)}`), isInstanceType);
      add(type, Number(Properties.MaxSize), zonesOf(Properties.VPCZoneIdentifier));
    }
    for (const { Properties } of templates.resources('AWS::EC2::Instance')) {
      const [network] = z.array(z.object({ SubnetId: z.unknown() })).parse(Properties.NetworkInterfaces);
      add(Properties.InstanceType, 1, zonesOf(network?.SubnetId));
    }
    for (const { Properties } of templates.resources('AWS::EMR::Cluster')) {
      const {
        MasterInstanceGroup: primary,
        CoreInstanceGroup: core,
        Ec2SubnetId,
      } = Properties.Instances as Record<string, { InstanceType: string; InstanceCount: number }>;
      const [most] = within(Properties.ManagedScalingPolicy, (one) => typeof one === 'number' && one > 1).slice(-1);
      add(primary?.InstanceType, primary?.InstanceCount ?? 0, zonesOf(Ec2SubnetId));
      // A cluster of one node has no core group.
      if (core) {
        add(core.InstanceType, most === undefined ? core.InstanceCount : Number(most), zonesOf(Ec2SubnetId));
      }
    }
    const needed = new Map<string, number>();
    const neededZones = new Map<string, Set<number>>();
    for (const need of instanceNeeds(config)) {
      needed.set(need.type, (needed.get(need.type) ?? 0) + (need.most ?? need.count));
      neededZones.set(need.type, new Set([...(neededZones.get(need.type) ?? []), ...need.zones]));
    }
    expect(needed).toEqual(count);
    expect(neededZones).toEqual(zones);
  });

  test('are an address for each NAT gateway, the database version and the image', () => {
    expect(addressesNeeded(config)).toBe(templates.resources('AWS::EC2::EIP').length);
    const [database] = templates.resources('AWS::RDS::DBInstance');
    expect(String(database?.Properties.EngineVersion).split('.')[0]).toBe(POSTGRES_MAJOR);
    const images = templates
      .resources('AWS::EC2::LaunchTemplate')
      .flatMap(({ Properties }) =>
        within(Properties, (one) => typeof one === 'string' && one.startsWith('resolve:ssm:')),
      );
    expect(new Set(images)).toEqual(new Set([`resolve:ssm:${DEBIAN_IMAGE}`]));
  });

  test('has a look for each type of a name', () => {
    expect(fixedNames(config).filter(({ type }) => !TYPES_LOOKED_FOR.includes(type))).toEqual([]);
  });
});

function isInstanceType(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(value) && !value.includes('amazonaws');
}
