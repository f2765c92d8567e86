import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { SUPERSET_USER } from '../../src/dashboard/superset.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { GridStack } from '../grid-stack.ts';
import { grantDownload } from '../hosts/download.ts';
import { GeneratedSecret } from '../hosts/generated-secret.ts';
import { HostKind } from '../hosts/host-kind.ts';
import { HOST_LAYOUT } from '../hosts/layout.ts';
import { Machine } from '../hosts/machine.ts';
import { portForwarding } from '../hosts/port-forwarding.ts';
import { firstPrivateSubnet, type NetworkStack } from '../network/network-stack.ts';
import { LOOPBACK_PORTS } from '../network/ports.ts';
import type { OlapStack } from '../olap/olap-stack.ts';
import { supersetContents } from './superset-host.ts';

export interface DashboardStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly olap: OlapStack;
}

/** The page that the operator looks at: Superset on a host of its own, for whoever may open a session to it. */
export class DashboardStack extends GridStack {
  readonly superset: HostKind;
  readonly machine: Machine;

  constructor(scope: Construct, { config, network, downloads, foundation, olap }: DashboardStackProps) {
    super(scope, 'dashboard', { config, description: 'iGrid: Superset with the page of the grid' });
    const key = new GeneratedSecret(this, 'key', {
      config,
      description: "Superset's key for sessions and stored connections",
    });
    const login = new GeneratedSecret(this, 'login', {
      config,
      description: "login of Superset's administrator",
      username: SUPERSET_USER,
    });

    this.superset = new HostKind(this, 'superset', {
      config,
      downloads,
      kind: 'superset',
      contents: supersetContents(config),
    });
    const { role } = this.superset;
    key.grantRead(role);
    login.grantRead(role);
    foundation.database.grantConnect(role, 'superset');
    foundation.trust.grantAuthority(role);
    olap.grantQuery(role, 'dashboard');
    grantDownload(role, config.hosts.pythonIndexUrl);

    this.machine = new Machine(this, 'host', {
      config,
      kind: this.superset,
      hostName: `${config.name}-superset`,
      instanceType: config.dashboard.instanceType,
      vpc: network.vpc,
      subnet: firstPrivateSubnet(network),
      securityGroup: network.securityGroups.of('superset'),
      settings: {
        SUPERSET_PORT: LOOPBACK_PORTS.superset,
        ...foundation.trust.hostSettings,
        PYTHON_INDEX_URL: config.hosts.pythonIndexUrl ?? '',
        ...foundation.database.hostSettings('superset'),
        KEY_SECRET_ARN: key.secretArn,
        LOGIN_SECRET_ARN: login.secretArn,
        DRUID_URL: olap.url,
        DRUID_AUTHORITY: HOST_LAYOUT.authority,
        DRUID_SECRET_ARN: olap.userSecretArn('dashboard'),
      },
    });

    new CfnOutput(this, 'Dashboard', {
      value: portForwarding(this.machine, LOOPBACK_PORTS.superset),
      description: `then http://127.0.0.1:${LOOPBACK_PORTS.superset}/superset/dashboard/igrid/ as ${SUPERSET_USER}`,
    });
    new CfnOutput(this, 'DashboardPassword', {
      value: login.readCommand,
      description: `shows the password of ${SUPERSET_USER}`,
    });
  }
}
