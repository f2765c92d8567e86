/** Whether the region's services have the versions and types that the configuration names. */
import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { EMRClient, paginateListSupportedInstanceTypes } from '@aws-sdk/client-emr';
import { KafkaClient, paginateListKafkaVersions } from '@aws-sdk/client-kafka';
import { paginateDescribeOrderableDBInstanceOptions, RDSClient } from '@aws-sdk/client-rds';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

import { isMultiZone } from '../../../lib/config/derive.ts';
import { isNamed } from '../../deployment/aws-errors.ts';
import { DEBIAN_IMAGE, instanceNeeds, POSTGRES_MAJOR } from '../requirements.ts';
import { clientOf, collected } from './clients.ts';
import { type Look, problem } from './look.ts';

/** Where CDK's bootstrap stack notes its version; `hnb659fds` is the qualifier unless somebody chose another. */
const BOOTSTRAP_VERSION = '/cdk-bootstrap/hnb659fds/version';

/** What CDK's templates ask for at least (DefaultStackSynthesizer, MIN_BOOTSTRAP_STACK_VERSION). */
const OLDEST_BOOTSTRAP = 6;

export const bootstrapLook: Look = {
  about: "CDK's bootstrap",
  actions: ['ssm:GetParameter'],
  look: async ({ account, region }) => {
    const command = `npx cdk bootstrap aws://${account}/${region}`;
    try {
      const { Parameter } = await new SSMClient(clientOf(region)).send(
        new GetParameterCommand({ Name: BOOTSTRAP_VERSION }),
      );
      const version = Number(Parameter?.Value);
      return version >= OLDEST_BOOTSTRAP
        ? []
        : [
            problem(
              `the CDK bootstrap of ${region} has version ${Parameter?.Value}, and ${OLDEST_BOOTSTRAP} is the oldest that works: run "${command}"`,
            ),
          ];
    } catch (error) {
      if (!isNamed(error, 'ParameterNotFound')) {
        throw error;
      }
      return [problem(`${region} of account ${account} has no CDK bootstrap: run "${command}" once`)];
    }
  },
};

export const imageLook: Look = {
  about: 'the image of the hosts',
  actions: ['ssm:GetParameter', 'ec2:DescribeImages'],
  look: async ({ config, region }) => {
    const { imageId } = config.hosts;
    try {
      if (imageId === undefined) {
        await new SSMClient(clientOf(region)).send(new GetParameterCommand({ Name: DEBIAN_IMAGE }));
        return [];
      }
      const { Images = [] } = await new EC2Client(clientOf(region)).send(
        new DescribeImagesCommand({ Filters: [{ Name: 'image-id', Values: [imageId] }] }),
      );
      return Images.length > 0
        ? []
        : [
            problem(
              `hosts.imageId ${imageId} does not exist in ${region}, or is not shared with this account: images have another id in each region`,
            ),
          ];
    } catch (error) {
      if (!isNamed(error, 'ParameterNotFound')) {
        throw error;
      }
      return [
        problem(
          `Debian publishes no image in ${region} (${DEBIAN_IMAGE}): set hosts.imageId to an image of Debian 12 (amd64)`,
        ),
      ];
    }
  },
};

export const emrLook: Look = {
  about: 'the instance types that EMR takes',
  actions: ['elasticmapreduce:ListSupportedInstanceTypes'],
  look: async ({ config, region }) => {
    const { release } = config.spark;
    const client = new EMRClient(clientOf(region));
    const supported = new Set(
      (
        await collected(
          paginateListSupportedInstanceTypes({ client }, { ReleaseLabel: release }),
          ({ SupportedInstanceTypes }) => SupportedInstanceTypes,
        )
      ).map(({ Type }) => Type),
    );
    return instanceNeeds(config)
      .filter(({ by, type }) => by === 'emr' && !supported.has(type))
      .map(({ property, type }) =>
        problem(
          `${property} ${type} is not a type that ${release} takes in ${region}: choose one of "aws emr list-supported-instance-types --release-label ${release} --region ${region}"`,
        ),
      );
  },
};

export const kafkaLook: Look = {
  about: "MSK's versions of Kafka",
  actions: ['kafka:ListKafkaVersions'],
  look: async ({ config, region }) => {
    const client = new KafkaClient(clientOf(region));
    const versions = await collected(paginateListKafkaVersions({ client }, {}), ({ KafkaVersions }) => KafkaVersions);
    const active = versions.filter(({ Status }) => Status === 'ACTIVE').map(({ Version = '' }) => Version);
    const { version } = config.kafka;
    return active.includes(version)
      ? []
      : [
          problem(
            `kafka.version ${version} is not one that MSK creates clusters with in ${region}: choose one of ` +
              active.filter((version) => version.endsWith('.kraft')).join(', '),
          ),
        ];
  },
};

export const databaseLook: Look = {
  about: 'the instance classes that RDS offers',
  actions: ['rds:DescribeOrderableDBInstanceOptions', 'ec2:DescribeAvailabilityZones', 'ec2:DescribeSubnets'],
  look: async ({ config, region, facts }) => {
    const dbClass = `db.${config.database.instanceType}`;
    const client = new RDSClient(clientOf(region));
    const [options, deployed, byDefault] = await Promise.all([
      collected(
        paginateDescribeOrderableDBInstanceOptions(
          { client },
          { Engine: 'postgres', DBInstanceClass: dbClass, Vpc: true },
        ),
        ({ OrderableDBInstanceOptions }) => OrderableDBInstanceOptions,
      ),
      facts.networkZones(),
      facts.defaultZones(),
    ]);
    const zones = new Set(
      (deployed.length > 0 ? deployed : (config.network.availabilityZones ?? byDefault)).slice(0, 3),
    );
    const offered = options.filter(
      ({ EngineVersion = '', StorageType }) => EngineVersion.split('.')[0] === POSTGRES_MAJOR && StorageType === 'gp3',
    );
    const here = new Set(
      offered
        .filter(({ MultiAZCapable }) => MultiAZCapable === true || !isMultiZone(config))
        .flatMap(({ AvailabilityZones = [] }) => AvailabilityZones.map(({ Name = '' }) => Name))
        .filter((name) => zones.has(name)),
    );
    const needed = isMultiZone(config) ? 2 : 1;
    if (here.size >= needed) {
      return [];
    }
    return [
      problem(
        `database.instanceType ${config.database.instanceType}: RDS offers ${dbClass} with PostgreSQL ${POSTGRES_MAJOR} and gp3 in ${here.size} of the zones ` +
          `${[...zones].join(', ')}, and ${config.profile} needs ${needed}: choose another class of "aws rds describe-orderable-db-instance-options ` +
          `--engine postgres --region ${region}"`,
      ),
    ];
  },
};
