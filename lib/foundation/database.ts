import { type CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { z } from 'zod';

import type { databaseSettings, passwordSettings } from '../../src/hosts/settings/shared.ts';
import { backupDays, dataRemovalPolicy, isMultiZone, logRetention } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { HOST_LAYOUT } from '../hosts/layout.ts';
import { GridFunction } from '../lambdas/grid-function.ts';
import { ResourceProvider } from '../lambdas/resource-provider.ts';
import { PORTS } from '../network/ports.ts';
import type { SecurityGroups } from '../network/security-groups.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';
import { DatabaseProtection } from './database-protection.ts';

/** The parts that keep metadata, each with a database and a role of its own of the same name. */
export const TENANTS = ['druid', 'airflow', 'superset'] as const;

export type TenantName = (typeof TENANTS)[number];

/**
 * The major version alone: RDS takes its current minor version and upgrades it by itself. A pinned minor version would
 * be refused once RDS has retired it, or once the instance runs a newer one.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html
 */
const ENGINE = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of('17', '17') });

export interface DatabaseProps {
  readonly config: GridConfig;
  readonly vpc: ec2.IVpc;
  readonly securityGroups: SecurityGroups;
}

/** One PostgreSQL instance for all metadata; each part reads its own secret and no other. */
export class Database extends Construct {
  /** DNS name, to be verified with RDS' certificates. */
  readonly address: string;
  readonly instance: rds.DatabaseInstance;
  /** Which generation of passwords a host starts with: new ones replace the host. */
  readonly passwordSettings: z.input<typeof passwordSettings>;
  readonly #secrets: ReadonlyMap<TenantName, secretsmanager.Secret>;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    const { config } = props;
    const identifier = `${config.name}-metadata`;

    // RDS writes to this very name; made here, it has a retention and goes with the stack.
    const log = new logs.LogGroup(this, 'log', {
      logGroupName: `/aws/rds/instance/${identifier}/postgresql`,
      retention: logRetention(config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.instance = this.#instance(identifier, props);
    this.instance.node.addDependency(log);
    this.address = this.instance.instanceEndpoint.hostname;

    this.passwordSettings = { DATABASE_ROTATION: config.rotation.databasePasswords };
    this.#secrets = new Map(TENANTS.map((tenant) => [tenant, this.#tenantSecret(tenant, config)]));
    const roles = this.#ensureTenants(props);
    new DatabaseProtection(this, 'protection', { config, instance: this.instance }).node.addDependency(roles);
  }

  /** ARN of the secret with a tenant's `username` and `password`. */
  secretArn(tenant: TenantName): string {
    return this.#secret(tenant).secretArn;
  }

  /** What a tenant's host is told: where the database is, what to verify it with, which secret has the password. */
  hostSettings(tenant: TenantName): z.input<typeof databaseSettings> {
    return {
      DATABASE_HOST: this.address,
      DATABASE_PORT: PORTS.postgres,
      DATABASE_AUTHORITY: HOST_LAYOUT.databaseAuthority,
      DATABASE_SECRET_ARN: this.secretArn(tenant),
      ...this.passwordSettings,
    };
  }

  /** May read the tenant's password. */
  grantConnect(grantee: iam.IGrantable, tenant: TenantName): void {
    this.#secret(tenant).grantRead(grantee);
  }

  #instance(identifier: string, { config, vpc, securityGroups }: DatabaseProps): rds.DatabaseInstance {
    const removalPolicy = dataRemovalPolicy(config);
    const instance = new rds.DatabaseInstance(this, 'instance', {
      instanceIdentifier: identifier,
      engine: ENGINE,
      instanceType: new ec2.InstanceType(config.database.instanceType),
      vpc,
      subnetGroup: new rds.SubnetGroup(this, 'subnets', {
        description: 'Private subnets of the metadata database',
        vpc,
        vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        removalPolicy,
      }),
      securityGroups: [securityGroups.of('database')],
      publiclyAccessible: false,
      port: PORTS.postgres,
      credentials: rds.Credentials.fromGeneratedSecret('master'),
      allocatedStorage: config.database.storageGiB,
      storageType: rds.StorageType.GP3,
      storageEncrypted: true,
      multiAz: isMultiZone(config),
      backupRetention: Duration.days(backupDays(config)),
      deleteAutomatedBackups: config.profile === 'dev',
      // Protection from deletion is not a property here: see DatabaseProtection.
      removalPolicy,
      cloudwatchLogsExports: ['postgresql'],
      autoMinorVersionUpgrade: true,
      caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1,
      parameterGroup: new rds.ParameterGroup(this, 'parameters', {
        engine: ENGINE,
        description: 'Connections to the metadata database use TLS',
        parameters: { 'rds.force_ssl': '1' },
        removalPolicy,
      }),
      iamAuthentication: false,
    });
    // cfn-lint's list of engine versions has minor versions alone.
    resourceOf(instance).addMetadata('cfn-lint', { config: { ignore_checks: ['W3691'] } });
    // Kept with the database: without it nobody could administer what a deleted stack leaves.
    masterSecret(instance).applyRemovalPolicy(removalPolicy);
    acceptNagFindings(instance, {
      'AwsSolutions-SMG4': 'The master is used at deployments only; rotating it needs a function inside the VPC.',
      'AwsSolutions-RDS3': 'dev saves the second instance; prod is multi-AZ.',
      'AwsSolutions-RDS10': 'dev must be destroyable; DatabaseProtection protects prod once it is complete.',
      'AwsSolutions-RDS11': 'Only listed security groups reach the port; an unusual number hides nothing from them.',
    });
    return instance;
  }

  #tenantSecret(tenant: TenantName, config: GridConfig): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(this, `${tenant}-secret`, {
      description: `${config.name}: ${tenant}'s role in the metadata database`,
      removalPolicy: dataRemovalPolicy(config),
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: tenant }),
        generateStringKey: 'password',
        passwordLength: 40,
        // It becomes part of URLs and property files.
        excludePunctuation: true,
      },
    });
    acceptNagFindings(secret, {
      'AwsSolutions-SMG4': 'rotation.databasePasswords in the configuration renews it at a deployment, with its hosts.',
    });
    return secret;
  }

  #ensureTenants({ config, vpc, securityGroups }: DatabaseProps): CustomResource {
    const { secret: master } = this.instance;
    if (!master) {
      throw new Error('the database has no master secret');
    }
    const setup = new GridFunction(this, 'setup', {
      config,
      folder: 'foundation/database-roles',
      description: 'Makes a database and a role for each part, and new passwords',
      timeout: Duration.minutes(2),
      vpc: { vpc, securityGroup: securityGroups.of('database-setup') },
    });
    const secrets = TENANTS.map((tenant) => this.#secret(tenant));
    for (const secret of [master, ...secrets]) {
      secret.grantRead(setup);
    }
    for (const secret of secrets) {
      secret.grantWrite(setup);
    }
    const provider = new ResourceProvider(this, 'provider', { config, onEvent: setup });
    const roles = provider.resource('roles', 'DatabaseRoles', {
      MasterSecret: master.secretArn,
      TenantSecrets: secrets.map((secret) => secret.secretArn),
      // Another number: new passwords.
      Generation: config.rotation.databasePasswords,
    });
    roles.node.addDependency(this.instance);
    return roles;
  }

  #secret(tenant: TenantName): secretsmanager.Secret {
    const secret = this.#secrets.get(tenant);
    if (!secret) {
      throw new Error(`there is no database of ${tenant}`);
    }
    return secret;
  }
}

function resourceOf(instance: rds.DatabaseInstance): rds.CfnDBInstance {
  const resource = instance.node.defaultChild;
  if (!(resource instanceof rds.CfnDBInstance)) {
    throw new Error(`${instance.node.path} is not an RDS instance`);
  }
  return resource;
}

/** The secret that CDK makes for the instance's master. */
function masterSecret(instance: rds.DatabaseInstance): secretsmanager.Secret {
  const secret = instance.node.tryFindChild('Secret');
  if (!(secret instanceof secretsmanager.Secret)) {
    throw new Error(`${instance.node.path} has no generated master secret: see masterSecret`);
  }
  return secret;
}
