import type { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import { type NetworkStack, zoneName } from '../network/network-stack.ts';
import { GridStack } from '../stack/grid-stack.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { DataKey } from './data-key.ts';
import { Database } from './database.ts';

export interface FoundationStackProps {
  readonly config: GridConfig;
  readonly network: NetworkStack;
}

/** What several parts share beside the network: a key, a certificate authority, a database for metadata. */
export class FoundationStack extends GridStack {
  readonly key: DataKey;
  readonly authority: CertificateAuthority;
  readonly database: Database;

  constructor(scope: Construct, { config, network }: FoundationStackProps) {
    super(scope, 'foundation', { config, description: 'iGrid: encryption key, private CA, metadata database' });
    this.key = new DataKey(this, 'key', config);
    this.authority = new CertificateAuthority(this, 'trust', { config, key: this.key, zoneName: zoneName(config) });
    this.database = new Database(this, 'database', {
      config,
      vpc: network.vpc,
      securityGroups: network.securityGroups,
    });
  }
}
