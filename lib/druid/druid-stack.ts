import { CfnOutput } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import { S3_PREFIXES } from '../../src/druid/settings.ts';
import type { DruidReader, DruidUser } from '../../src/druid/users.ts';
import { DataBucket } from '../assets/data-bucket.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import type { KafkaStack } from '../kafka/kafka-stack.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import { PORTS } from '../network/ports.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { DruidHost } from './druid-host.ts';
import { desiredState, DruidSpecs, DruidSpecsArchive } from './druid-specs.ts';
import { DruidUsers } from './druid-users.ts';

/** Days for which a dropped segment stays in S3 beyond what Druid itself does: orphans go, nothing that is used does. */
const ORPHAN_DAYS = 30;

/** Days from when retention drops a segment until Druid deletes it (druid.coordinator.kill.bufferPeriod). */
const KILL_BUFFER_DAYS = 7;

/** Days that the logs of ingestion tasks are kept (druid.indexer.logs.kill.durationToRetain). */
const TASK_LOG_DAYS = 14;

export interface DruidStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly kafka: KafkaStack;
}

/** Druid on a host of its own: what is queried, and all that is kept of the readings. */
export class DruidStack extends GridStack {
  /** Address of Druid's Router, `https://druid.<zone>:port`; its certificate is the private authority's. */
  readonly url: string;
  readonly host: DruidHost;
  readonly specs: DruidSpecs;
  readonly #users: DruidUsers;

  constructor(scope: Construct, { config, network, downloads, foundation, kafka: { cluster } }: DruidStackProps) {
    super(scope, 'druid', { config, description: 'iGrid: Druid, its segments and its users' });
    this.url = `https://${foundation.authority.druidName}:${PORTS.druidRouterTls}`;
    this.#users = new DruidUsers(this, 'users', config);
    // A segment is uploaded after the time that it holds: one that is older than this has been out of retention for long.
    const bucket = new DataBucket(this, 'segments', {
      config,
      expireDays: {
        [`${S3_PREFIXES.segments}/`]: config.druid.retentionDays + KILL_BUFFER_DAYS + ORPHAN_DAYS,
        [`${S3_PREFIXES.taskLogs}/`]: TASK_LOG_DAYS,
      },
    });
    const running = new DruidSpecsArchive(this, 'specs-running', desiredState(config));
    const suspended = new DruidSpecsArchive(this, 'specs-suspended', { state: 'suspended' });
    this.host = new DruidHost(this, 'host', {
      stack: this,
      ...{ config, network, downloads, foundation, kafka: cluster, bucket },
      users: this.#users,
      specsBucketName: running.bucketName,
      url: this.url,
    });
    this.#outputs(foundation.authority.druidName);
    this.specs = new DruidSpecs(this, 'specs', { config, host: this.host, running, suspended });
  }

  #outputs(dnsName: string): void {
    const group = this.host.host.group.autoScalingGroupName;
    new CfnOutput(this, 'Group', { value: group, description: 'Auto Scaling group of the Druid host' });
    const instance = [
      'aws autoscaling describe-auto-scaling-groups',
      `--auto-scaling-group-names ${group}`,
      "--query 'AutoScalingGroups[0].Instances[0].InstanceId' --output text",
    ].join(' ');
    const port = PORTS.druidRouterTls;
    new CfnOutput(this, 'Console', {
      value: [
        `aws ssm start-session --target "$(${instance})"`,
        '--document-name AWS-StartPortForwardingSessionToRemoteHost',
        `--parameters host=${dnsName},portNumber=${port},localPortNumber=${port}`,
      ].join(' '),
      description: `Then https://localhost:${port} is Druid's console: the browser does not know the private authority; log in as admin`,
    });
    new CfnOutput(this, 'AdminSecret', {
      value: this.#users.secretArn('admin'),
      description: "aws secretsmanager get-secret-value --secret-id <this> shows the password of Druid's console",
    });
  }

  /** ARN of the secret with a user's `username` and `password`. */
  userSecretArn(user: DruidUser): string {
    return this.#users.secretArn(user);
  }

  /** May log in to Druid as `user`, who reads and changes nothing. */
  grantQuery(grantee: iam.IGrantable, user: DruidReader): void {
    this.#users.grantRead(grantee, user);
  }
}
