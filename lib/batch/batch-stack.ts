import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { AIRFLOW_USER } from '../../src/history/airflow.ts';
import { HISTORY_ID } from '../../src/history/identity.ts';
import { TOPICS } from '../../src/messages/topics.ts';
import { acknowledge } from '../acknowledge.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { GridStack } from '../grid-stack.ts';
import { grantDownload } from '../hosts/download.ts';
import { GeneratedSecret } from '../hosts/generated-secret.ts';
import { HostKind } from '../hosts/host-kind.ts';
import { Machine } from '../hosts/machine.ts';
import { portForwarding } from '../hosts/port-forwarding.ts';
import { firstPrivateSubnet, type NetworkStack } from '../network/network-stack.ts';
import { LOOPBACK_PORTS } from '../network/ports.ts';
import type { OlapStack } from '../olap/olap-stack.ts';
import type { StreamStack } from '../stream/stream-stack.ts';
import { airflowContents } from './airflow-host.ts';

export interface BatchStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly stream: StreamStack;
  readonly olap: OlapStack;
}

/** The batch host: Airflow, which makes history, and the canary, which measures freshness. */
export class BatchStack extends GridStack {
  readonly airflow: HostKind;
  readonly machine: Machine;

  constructor(scope: Construct, { config, network, downloads, foundation, stream: { stream }, olap }: BatchStackProps) {
    super(scope, 'batch', { config, description: 'iGrid: Airflow with the history program, freshness canary' });
    const key = new GeneratedSecret(this, 'key', { config, description: "what Airflow's own keys are derived of" });
    const login = new GeneratedSecret(this, 'login', {
      config,
      description: "login of Airflow's page",
      username: AIRFLOW_USER,
    });

    this.airflow = new HostKind(this, 'airflow', {
      config,
      downloads,
      kind: 'airflow',
      contents: airflowContents(config),
    });
    const { role } = this.airflow;
    key.grantRead(role);
    login.grantRead(role);
    foundation.database.grantConnect(role, 'airflow');
    foundation.trust.grantAuthority(role);
    olap.grantQuery(role, 'history');
    olap.grantQuery(role, 'canary');
    grantDownload(role, config.hosts.pythonIndexUrl);
    // The history program compares Druid with the topic, and looks whether a slot is whole before it writes it.
    stream.access.grantConsume(role, TOPICS.powerraw, HISTORY_ID);
    stream.access.grantConsume(role, TOPICS.history, HISTORY_ID);
    stream.access.grantProduce(role, TOPICS.history);
    stream.access.grantTransact(role, HISTORY_ID);
    // The canary.
    stream.access.grantProduce(role, TOPICS.powerraw);
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::{*]': 'Consumer groups and transactions of one cluster by prefix.',
    });

    this.machine = new Machine(this, 'host', {
      config,
      kind: this.airflow,
      hostName: `${config.name}-airflow`,
      instanceType: config.batch.instanceType,
      vpc: network.vpc,
      subnet: firstPrivateSubnet(network),
      securityGroup: network.securityGroups.of('airflow'),
      settings: {
        SPEED: config.speed,
        AIRFLOW_PORT: LOOPBACK_PORTS.airflow,
        ...foundation.trust.hostSettings,
        PYTHON_INDEX_URL: config.hosts.pythonIndexUrl ?? '',
        ...foundation.database.hostSettings('airflow'),
        KEY_SECRET_ARN: key.secretArn,
        LOGIN_SECRET_ARN: login.secretArn,
        DRUID_URL: olap.url,
        DRUID_HISTORY_SECRET_ARN: olap.userSecretArn('history'),
        DRUID_CANARY_SECRET_ARN: olap.userSecretArn('canary'),
        ...stream.hostSettings,
      },
    });

    new CfnOutput(this, 'Airflow', {
      value: portForwarding(this.machine, LOOPBACK_PORTS.airflow),
      description: `then http://127.0.0.1:${LOOPBACK_PORTS.airflow} as ${AIRFLOW_USER}`,
    });
    new CfnOutput(this, 'AirflowPassword', {
      value: login.readCommand,
      description: `shows the password of ${AIRFLOW_USER}`,
    });
  }
}
