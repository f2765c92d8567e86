/** Stacks whose first creation failed: CloudFormation can only delete them, and the CDK CLI does so before it tries again. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  type Stack,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';

import type { GridConfig } from '../../lib/config/schema.ts';
import { PARTS } from '../../lib/stack/grid-stack.ts';
import type { Place } from '../deployment/place.ts';

/**
 * Takes the termination protection off the deployment's stacks whose creation was rolled back: the CDK CLI protects a
 * stack before it creates it, and then can't delete what failed ("cannot be deleted while TerminationProtection is
 * enabled"). A stack that was complete once is never touched.
 *
 * @returns the names of stacks that the CLI will delete and create again.
 */
export async function releaseFailedCreations(
  config: Pick<GridConfig, 'name'>,
  { region }: Pick<Place, 'region'>,
): Promise<readonly string[]> {
  const cloudFormation = new CloudFormationClient({ region });
  const failed: string[] = [];
  for (const part of PARTS) {
    const name = `${config.name}-${part}`;
    const stack = await find(cloudFormation, name);
    if (stack?.StackStatus !== 'ROLLBACK_COMPLETE' && stack?.StackStatus !== 'ROLLBACK_FAILED') {
      continue;
    }
    failed.push(name);
    if (stack.EnableTerminationProtection === true) {
      await cloudFormation.send(
        new UpdateTerminationProtectionCommand({ StackName: name, EnableTerminationProtection: false }),
      );
    }
  }
  return failed;
}

async function find(cloudFormation: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')) {
      return undefined;
    }
    throw error;
  }
}
