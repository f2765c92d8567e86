import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

import type { DruidReader, DruidUser } from '../../src/druid/users.ts';
import type { GridConfig } from '../config/schema.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { GridStack } from '../grid-stack.ts';
import { PORTS } from '../network/ports.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import type { StreamStack } from '../stream/stream-stack.ts';
import { DruidUsers } from './druid-users.ts';

export interface OlapStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
  readonly foundation: FoundationStack;
  readonly stream: StreamStack;
}

/** Druid on a host of its own: what is queried, and all that is kept of the readings. */
export class OlapStack extends GridStack {
  /** Address of Druid's Router, `https://druid.<zone>:port`; its certificate is the private authority's. */
  readonly url: string;
  readonly #users: DruidUsers;

  constructor(scope: Construct, { config, foundation }: OlapStackProps) {
    super(scope, 'olap', { config, description: 'iGrid: Druid, its segments and its users' });
    this.url = `https://${foundation.trust.druidName}:${PORTS.druidRouterTls}`;
    this.#users = new DruidUsers(this, 'users', config);
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
