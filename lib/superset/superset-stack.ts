import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { z } from 'zod';

import type { supersetSettings } from '../../src/hosts/settings/superset.ts';
import { SUPERSET_USER } from '../../src/superset/settings.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DownloadsStack } from '../downloads/downloads-stack.ts';
import { grantDownload } from '../downloads/grants.ts';
import type { DruidStack } from '../druid/druid-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { GeneratedSecret } from '../hosts/generated-secret.ts';
import { Host } from '../hosts/host.ts';
import { HostRole } from '../hosts/host-role.ts';
import { HOST_LAYOUT } from '../hosts/layout.ts';
import { portForwarding } from '../hosts/port-forwarding.ts';
import { firstPrivateSubnet, type NetworkStack } from '../network/network-stack.ts';
import { LOOPBACK_PORTS } from '../network/ports.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { supersetContents } from './superset-host.ts';

export interface SupersetStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly downloads: DownloadsStack;
  readonly foundation: FoundationStack;
  readonly druid: DruidStack;
}

/** The dashboard that the operator looks at: Superset on its own host, for users who may open a session to it. */
export class SupersetStack extends GridStack {
  readonly role: HostRole;
  readonly host: Host;

  constructor(scope: Construct, { config, network, downloads, foundation, druid }: SupersetStackProps) {
    super(scope, 'superset', { config, description: 'iGrid: Superset with the dashboard of the grid' });
    const key = new GeneratedSecret(this, 'key', {
      config,
      description: "Superset's key for sessions and stored connections",
    });
    const login = new GeneratedSecret(this, 'login', {
      config,
      description: "login of Superset's administrator",
      username: SUPERSET_USER,
    });

    this.role = new HostRole(this, 'superset', {
      config,
      downloads,
      name: 'superset',
      contents: supersetContents(config),
    });
    const { iamRole } = this.role;
    key.grantRead(iamRole);
    login.grantRead(iamRole);
    foundation.database.grantConnect(iamRole, 'superset');
    foundation.authority.grantAuthority(iamRole);
    druid.grantQuery(iamRole, 'superset');
    grantDownload(iamRole, config.hosts.pythonIndexUrl);

    this.host = new Host(this, 'host', {
      config,
      role: this.role,
      hostName: `${config.name}-superset`,
      instanceType: config.superset.instanceType,
      vpc: network.vpc,
      subnet: firstPrivateSubnet(network),
      securityGroup: network.securityGroups.of('superset'),
      settings: {
        SUPERSET_PORT: LOOPBACK_PORTS.superset,
        ...foundation.authority.hostSettings,
        PYTHON_INDEX_URL: config.hosts.pythonIndexUrl ?? '',
        ...foundation.database.hostSettings('superset'),
        KEY_SECRET_ARN: key.secretArn,
        LOGIN_SECRET_ARN: login.secretArn,
        DRUID_URL: druid.url,
        DRUID_AUTHORITY: HOST_LAYOUT.authority,
        DRUID_SECRET_ARN: druid.userSecretArn('superset'),
      } satisfies z.input<typeof supersetSettings>,
    });

    new CfnOutput(this, 'Superset', {
      value: portForwarding(this.host, LOOPBACK_PORTS.superset),
      description: `then http://127.0.0.1:${LOOPBACK_PORTS.superset}/superset/dashboard/igrid/ as ${SUPERSET_USER}`,
    });
    new CfnOutput(this, 'SupersetPassword', {
      value: login.readCommand,
      description: `shows the password of ${SUPERSET_USER}`,
    });
  }
}
