import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { z } from 'zod';

import { DATA_SOURCES } from '../../src/druid/data-sources.ts';
import { DRUID_USERS } from '../../src/druid/users.ts';
import type { druidHostSettings } from '../../src/hosts/druid/settings.ts';
import type { Content } from '../assets/archive.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import { StagedFile } from '../downloads/staged-file.ts';
import { databaseAuthority } from '../foundation/database-authority.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { Host } from '../hosts/host.ts';
import { HostRole } from '../hosts/host-role.ts';
import { DATABASE_AUTHORITY_FILE } from '../hosts/layout.ts';
import type { KafkaCluster } from '../kafka/kafka-cluster.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import { PORTS } from '../network/ports.ts';
import type { GridStack } from '../stack/grid-stack.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { DruidAddress } from './druid-address.ts';
import type { DruidUsers } from './druid-users.ts';

/**
 * Druid's Kafka consumers name themselves so and read without a group's coordinator (KafkaConsumerConfigs of the
 * extension): the prefix is granted for what a client asks of a group on the side.
 */
const CONSUMER_GROUP_PREFIX = 'kafka-supervisor-';

export interface DruidHostProps {
  readonly stack: GridStack;
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly kafka: KafkaCluster;
  readonly users: DruidUsers;
  /** Where segments and the logs of tasks are kept. */
  readonly bucket: s3.Bucket;
  /** Bucket of the archives that `apply-specs.sh` is sent. */
  readonly specsBucketName: string;
  /** Address of the Router. */
  readonly url: string;
}

/** What the host gets beside what every host does. */
export function hostContents(config: Pick<GridConfig, 'database'>): Readonly<Record<string, Content>> {
  return {
    // Specs come by a way of their own: a changed spec must not replace the host.
    host: { from: 'ec2-userdata/druid', without: ['conf', 'specs'] },
    // The program finds its files as it does in the repository.
    'ec2-userdata/druid/conf': { from: 'ec2-userdata/druid/conf' },
    'src/druid/host.mjs': { program: 'src/hosts/druid/host.main.ts' },
    [DATABASE_AUTHORITY_FILE]: databaseAuthority(config),
  };
}

/** The machine that runs all of Druid's processes, and what it may do. */
export class DruidHost extends Construct {
  readonly role: HostRole;
  readonly host: Host;
  /** Tag `Name` of the instance. */
  readonly hostName: string;

  constructor(scope: Construct, id: string, props: DruidHostProps) {
    super(scope, id);
    const { config, network, downloads, foundation, kafka, users, bucket } = props;
    const { druid } = config;
    this.hostName = `${config.name}-druid`;
    // i3 is not in every zone: `network.availabilityZones` puts one that has it first.
    const [subnet] = network.vpc.privateSubnets;
    if (!subnet) {
      throw new Error('the VPC has no private subnet');
    }
    const securityGroup = network.securityGroups.of('druid');
    const address = new DruidAddress(this, 'address', {
      stack: props.stack,
      subnet,
      securityGroup,
      zone: network.zone,
      dnsName: foundation.authority.druidName,
      hostName: this.hostName,
    });
    this.role = new HostRole(this, 'druid', { config, downloads, name: 'druid', contents: hostContents(config) });
    const tarball = new StagedFile(this, 'tarball', { config, downloads, field: 'druid.tarball' });
    const mskIamAuth = new StagedFile(this, 'msk-iam-auth', { config, downloads, field: 'druid.mskIamAuth' });
    tarball.grantRead(this.role.iamRole);
    mskIamAuth.grantRead(this.role.iamRole);
    this.host = new Host(this, 'host', {
      config,
      role: this.role,
      hostName: this.hostName,
      instanceType: druid.instanceType,
      vpc: network.vpc,
      subnet,
      securityGroup,
      rootDiskGiB: druid.rootDiskGiB,
      settings: {
        ...kafka.hostSettings,
        ...foundation.authority.hostSettings,
        DRUID_URL: props.url,
        ROUTER_PORT: PORTS.druidRouterTls,
        NETWORK_INTERFACE_ID: address.networkInterfaceId,
        PRIVATE_ADDRESS: address.privateAddress,
        SUBNET_CIDR: subnet.ipv4CidrBlock,
        CERTIFICATE_SECRET: foundation.authority.druidSecretArn,
        DRUID_METADATA: druid.metadata,
        METADATA_HOST: foundation.database.address,
        METADATA_PORT: PORTS.postgres,
        METADATA_SECRET: foundation.database.secretArn('druid'),
        ...foundation.database.passwordSettings,
        DRUID_STORAGE: druid.storage,
        SEGMENTS_BUCKET: bucket.bucketName,
        DRUID_LOGIN: druid.login,
        ADMIN_SECRET: users.secretArn('admin'),
        INTERNAL_SECRET: users.secretArn('internal'),
        SUPERSET_SECRET: users.secretArn('superset'),
        HISTORY_SECRET: users.secretArn('history'),
        CANARY_SECRET: users.secretArn('canary'),
        REPORT_SECRET: users.secretArn('report'),
        DRUID_MEMORY_MB: druid.memoryGiB === undefined ? '' : Math.floor(druid.memoryGiB * 1_024),
        SPECS_BUCKET: props.specsBucketName,
        DRUID_DIST_URL: tarball.url,
        DRUID_DIST_SHA256: tarball.sha256,
        MSK_IAM_URL: mskIamAuth.url,
        MSK_IAM_SHA256: mskIamAuth.sha256,
      } satisfies z.input<typeof druidHostSettings>,
    });
    this.#grant(address, props);
  }

  #grant(address: DruidAddress, { foundation, kafka, users, bucket }: DruidHostProps): void {
    const { iamRole } = this.role;
    address.grantTake(iamRole);
    bucket.grantReadWrite(iamRole);
    foundation.authority.grantAuthority(iamRole);
    foundation.authority.grantDruid(iamRole);
    foundation.database.grantConnect(iamRole, 'druid');
    for (const user of DRUID_USERS) {
      users.grantRead(iamRole, user);
    }
    for (const topic of DATA_SOURCES) {
      kafka.access.grantConsume(iamRole, topic, CONSUMER_GROUP_PREFIX);
    }
    acceptNagFindings(iamRole, {
      'AwsSolutions-IAM5[Action::s3:*]': "CDK's grants name the variants of an action by prefix.",
      'AwsSolutions-IAM5[Resource::<*]': "Objects of Druid's own bucket.",
      'AwsSolutions-IAM5[Resource::arn:*]': 'The address goes to whichever instance of the group lives.',
    });
  }
}
