import { CfnResource, CustomResourceProviderBase, type IAspect, RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';

import { logRetention } from '../config/derive.ts';
import type { GridConfig } from '../config/schema.ts';

/**
 * CDK's own helper functions (the one that empties buckets) log into groups that Lambda makes for them and that nothing
 * deletes (aws/aws-cdk#26553). They get a group of the stack, and no permission to make another.
 */
export class ProviderLogs implements IAspect {
  readonly #config: GridConfig;

  constructor(config: GridConfig) {
    this.#config = config;
  }

  visit(node: IConstruct): void {
    if (!(node instanceof CustomResourceProviderBase) || node.node.tryFindChild('Log')) {
      return;
    }
    const handler = node.node.tryFindChild('Handler');
    const role = node.node.tryFindChild('Role');
    if (!(handler instanceof CfnResource) || !(role instanceof CfnResource)) {
      throw new Error(`${node.node.path} is no longer a function and a role: see ProviderLogs`);
    }
    const log = new logs.LogGroup(node, 'Log', {
      retention: logRetention(this.#config),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    handler.addPropertyOverride('LoggingConfig', { LogGroup: log.logGroupName });
    role.addPropertyDeletionOverride('ManagedPolicyArns');
    role.addPropertyOverride('Policies', [
      {
        PolicyName: 'logs',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: log.logGroupArn,
            },
          ],
        },
      },
    ]);
  }
}
