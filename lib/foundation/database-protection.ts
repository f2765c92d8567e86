import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import { GridFunction } from '../lambdas/grid-function.ts';
import { ResourceProvider } from '../lambdas/resource-provider.ts';

export interface DatabaseProtectionProps {
  readonly config: GridConfig;
  readonly instance: rds.DatabaseInstance;
}

/**
 * Protects the database from deletion in prod, once the rest of its stack is complete. As a property of the instance the
 * protection would be there from the first moment on, and the rollback of a failed first deployment would fail with it.
 */
export class DatabaseProtection extends Construct {
  constructor(scope: Construct, id: string, { config, instance }: DatabaseProtectionProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const handler = new GridFunction(this, 'handler', {
      config,
      folder: 'foundation/database-protection',
      description: 'Protects the metadata database from deletion, except in the rollback of its creation',
      timeout: Duration.minutes(12),
    });
    for (const [actions, resource] of [
      [['rds:DescribeDBInstances', 'rds:ModifyDBInstance'], instance.instanceArn],
      [['cloudformation:DescribeStacks'], stack.stackId],
    ] as const) {
      handler.addToRolePolicy(new iam.PolicyStatement({ actions: [...actions], resources: [resource] }));
    }
    const provider = new ResourceProvider(this, 'provider', { config, onEvent: handler });
    const resource = provider.resource('resource', 'DatabaseProtection', {
      Instance: instance.instanceIdentifier,
      IsProtected: config.profile === 'prod',
      Stack: stack.stackId,
    });
    // On Delete the function must still be allowed to act.
    resource.node.addDependency(handler);
  }
}
