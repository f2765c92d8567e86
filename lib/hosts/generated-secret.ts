import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

import { dataRemovalPolicy } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';

export interface GeneratedSecretProps {
  readonly config: GridConfig;
  readonly description: string;
  /** Whose password it is: the secret is JSON with `username` and `password`. @default a key: JSON with `key` */
  readonly username?: string;
}

/** A secret that AWS makes up once: nobody types it, and no template holds it. Kept in prod, as what it protects is. */
export class GeneratedSecret extends secretsmanager.Secret {
  constructor(scope: Construct, id: string, { config, description, username }: GeneratedSecretProps) {
    super(scope, id, {
      description: `${config.name}: ${description}`,
      removalPolicy: dataRemovalPolicy(config),
      generateSecretString: {
        secretStringTemplate: JSON.stringify(username === undefined ? {} : { username }),
        generateStringKey: username === undefined ? 'key' : 'password',
        // 64 letters and digits are 381 bits: more than any key that is derived of them.
        passwordLength: username === undefined ? 64 : 24,
        // It becomes part of files of environment variables, and somebody types the password.
        excludePunctuation: true,
      },
    });
    acceptNagFindings(this, {
      'AwsSolutions-SMG4': 'Services take a new value when they start again; docs/operate/maintenance.md says how.',
    });
  }

  /** Shows the password of a login to users who may read the secret. */
  get readCommand(): string {
    const value = `aws secretsmanager get-secret-value --secret-id ${this.secretArn} --query SecretString --output text`;
    return `${value} | jq --raw-output .password`;
  }
}
