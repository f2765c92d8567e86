/** What a deployment needs of an account, from its configuration alone. A test holds each list to the templates. */
import { natGateways } from '../../lib/config/derive.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { NAT_INSTANCE_TYPE } from '../../lib/network/nat-instance.ts';

/** Major version of the metadata database. */
export const POSTGRES_MAJOR = '17';

/** Debian's own pointer to the image that hosts boot unless `hosts.imageId` names one. */
export const DEBIAN_IMAGE = '/aws/service/debian/release/12/latest/amd64';

/** Machines of one type and purpose. */
export interface InstanceNeed {
  /** The configuration's field that names the type. */
  readonly property: string;
  readonly type: string;
  readonly count: number;
  /** How many managed scaling may make of them. Default: count. */
  readonly most?: number;
  /** Indices of the VPC's zones in which they stand. */
  readonly zones: readonly number[];
  /** What starts them: EMR takes some types only. */
  readonly by: 'host' | 'emr';
}

/** Every EC2 instance that a deployment starts. */
export function instanceNeeds(config: GridConfig): readonly InstanceNeed[] {
  const { network, replay, spark, druid, airflow, superset } = config;
  const first = [0];
  const nats = network.nat === 'instance' ? natGateways(config) : 0;
  const producers = Math.min(replay.hosts, network.zones);
  const needs: InstanceNeed[] = [
    { property: 'druid.instanceType', type: druid.instanceType, count: 1, zones: first, by: 'host' },
    { property: 'airflow.instanceType', type: airflow.instanceType, count: 1, zones: first, by: 'host' },
    { property: 'superset.instanceType', type: superset.instanceType, count: 1, zones: first, by: 'host' },
    {
      ...{ property: 'replay.instanceType', type: replay.instanceType, count: replay.hosts },
      ...{ zones: Array.from({ length: producers }, (_, index) => index), by: 'host' },
    },
    {
      ...{ property: 'network.nat', type: NAT_INSTANCE_TYPE, count: nats },
      ...{ zones: Array.from({ length: nats }, (_, index) => index), by: 'host' },
    },
    { property: 'spark.primaryType', type: spark.primaryType, count: 1, zones: first, by: 'emr' },
    {
      ...{ property: 'spark.coreType', type: spark.coreType, count: spark.coreNodes },
      ...{ most: spark.maxCoreNodes ?? spark.coreNodes, zones: first, by: 'emr' },
    },
  ];
  return needs.filter(({ count }) => count > 0);
}

/** Elastic addresses: one for each NAT gateway; an instance has an address that is not elastic. */
export function addressesNeeded(config: GridConfig): number {
  return config.network.nat === 'instance' ? 0 : natGateways(config);
}

/** Something with a name that AWS gives only once in an account and region. */
export interface FixedName {
  /** In CloudFormation's words. */
  readonly type: string;
  readonly name: string;
}

/**
 * Names that the deployment chooses itself, where a second thing of the same name is refused. Other names are made up by
 * CloudFormation, or may occur twice (security groups of another VPC, private zones, EMR clusters, topics of another
 * cluster), or are overwritten (alarms).
 */
export function fixedNames({ name }: Pick<GridConfig, 'name'>): readonly FixedName[] {
  return [
    { type: 'AWS::RDS::DBInstance', name: `${name}-metadata` },
    { type: 'AWS::Logs::LogGroup', name: `/aws/rds/instance/${name}-metadata/postgresql` },
    { type: 'AWS::Logs::LogGroup', name: `/aws/events/${name}/replacements` },
    { type: 'AWS::Lambda::Function', name: `${name}-stage-file` },
    { type: 'AWS::MSK::Cluster', name },
    { type: 'AWS::MSK::Configuration', name: `${name}-kafka` },
    { type: 'AWS::CloudWatch::Dashboard', name: `${name}-operator` },
    { type: 'AWS::CloudWatch::Dashboard', name: `${name}-hosts` },
    { type: 'AWS::Budgets::Budget', name: `${name}-monthly` },
  ];
}
