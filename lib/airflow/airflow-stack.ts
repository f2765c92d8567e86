import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { z } from 'zod';

import { AIRFLOW_USER } from '../../src/airflow/settings.ts';
import { TOPICS } from '../../src/core/messages/topics.ts';
import { HISTORY_ID } from '../../src/history/identity.ts';
import type { airflowSettings } from '../../src/hosts/settings/airflow.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import { grantDownload } from '../downloads/grants.ts';
import type { DruidStack } from '../druid/druid-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { GeneratedSecret } from '../hosts/generated-secret.ts';
import { Host } from '../hosts/host.ts';
import { HostRole } from '../hosts/host-role.ts';
import { portForwarding } from '../hosts/port-forwarding.ts';
import type { KafkaStack } from '../kafka/kafka-stack.ts';
import { firstPrivateSubnet, type NetworkStack } from '../network/network-stack.ts';
import { LOOPBACK_PORTS } from '../network/ports.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { airflowContents } from './airflow-host.ts';

export interface AirflowStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly kafka: KafkaStack;
  readonly druid: DruidStack;
}

/** The Airflow host: Airflow, which makes history, and the canary, which measures freshness. */
export class AirflowStack extends GridStack {
  readonly role: HostRole;
  readonly host: Host;

  constructor(
    scope: Construct,
    { config, network, downloads, foundation, kafka: { cluster }, druid }: AirflowStackProps,
  ) {
    super(scope, 'airflow', { config, description: 'iGrid: Airflow with the history program, freshness canary' });
    const key = new GeneratedSecret(this, 'key', { config, description: "what Airflow's own keys are derived of" });
    const login = new GeneratedSecret(this, 'login', {
      config,
      description: "login of Airflow's web interface",
      username: AIRFLOW_USER,
    });

    this.role = new HostRole(this, 'airflow', {
      config,
      downloads,
      name: 'airflow',
      contents: airflowContents(config),
    });
    const { iamRole } = this.role;
    key.grantRead(iamRole);
    login.grantRead(iamRole);
    foundation.database.grantConnect(iamRole, 'airflow');
    foundation.authority.grantAuthority(iamRole);
    druid.grantQuery(iamRole, 'history');
    druid.grantQuery(iamRole, 'canary');
    grantDownload(iamRole, config.hosts.pythonIndexUrl);
    // The history program compares Druid with the topic, and looks whether a slot is whole before it writes it.
    cluster.access.grantConsume(iamRole, TOPICS.powerraw, HISTORY_ID);
    cluster.access.grantConsume(iamRole, TOPICS.history, HISTORY_ID);
    cluster.access.grantProduce(iamRole, TOPICS.history);
    cluster.access.grantTransact(iamRole, HISTORY_ID);
    // The canary.
    cluster.access.grantProduce(iamRole, TOPICS.powerraw);
    acceptNagFindings(iamRole, {
      'AwsSolutions-IAM5[Resource::{*]': 'Consumer groups and transactions of one cluster by prefix.',
    });

    this.host = new Host(this, 'host', {
      config,
      role: this.role,
      hostName: `${config.name}-airflow`,
      instanceType: config.airflow.instanceType,
      vpc: network.vpc,
      subnet: firstPrivateSubnet(network),
      securityGroup: network.securityGroups.of('airflow'),
      settings: {
        SPEED: config.speed,
        AIRFLOW_PORT: LOOPBACK_PORTS.airflow,
        ...foundation.authority.hostSettings,
        PYTHON_INDEX_URL: config.hosts.pythonIndexUrl ?? '',
        ...foundation.database.hostSettings('airflow'),
        KEY_SECRET_ARN: key.secretArn,
        LOGIN_SECRET_ARN: login.secretArn,
        DRUID_URL: druid.url,
        DRUID_HISTORY_SECRET_ARN: druid.userSecretArn('history'),
        DRUID_CANARY_SECRET_ARN: druid.userSecretArn('canary'),
        ...cluster.hostSettings,
      } satisfies z.input<typeof airflowSettings>,
    });

    new CfnOutput(this, 'Airflow', {
      value: portForwarding(this.host, LOOPBACK_PORTS.airflow),
      description: `then http://127.0.0.1:${LOOPBACK_PORTS.airflow} as ${AIRFLOW_USER}`,
    });
    new CfnOutput(this, 'AirflowPassword', {
      value: login.readCommand,
      description: `shows the password of ${AIRFLOW_USER}`,
    });
  }
}
