/**
 * Custom resource: protects an RDS instance from deletion, or takes the protection away. Deleting the resource leaves
 * the protection as it is, with one exception: when the creation of the stack is rolled back, the instance holds nothing
 * yet, and CloudFormation can only delete it unprotected.
 */
import { setTimeout as pause } from 'node:timers/promises';

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type DBInstance, DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { z } from 'zod';

import { parseRequest, type Response } from '../../shared/custom-resource.ts';

const propertiesSchema = z.object({
  /** The instance's identifier. */
  Instance: z.string().min(1),
  IsProtected: z.stringbool(),
  /** ARN of the stack that the instance belongs to. */
  Stack: z.string().min(1),
});

/** How long the instance may take for a change: a new one may still be making its first backup, ms. */
const PATIENCE_MS = 10 * 60_000;
const PAUSE_MS = 5_000;

const cloudFormation = new CloudFormationClient({});
const rds = new RDSClient({});

export function handler(event: unknown): Promise<Response> {
  return handle(event, PAUSE_MS);
}

/** @param pauseMs from one look at the instance to the next. */
export async function handle(event: unknown, pauseMs: number): Promise<Response> {
  const { type, properties } = parseRequest(event, propertiesSchema);
  const { Instance: instance, IsProtected: isProtected, Stack: stack } = properties;
  if (type !== 'Delete') {
    await protect(instance, isProtected, pauseMs);
  } else if (await isCreationRolledBack(stack)) {
    await protect(instance, false, pauseMs);
  }
  return { PhysicalResourceId: `${instance}-protection` };
}

/** CloudFormation has this status in the rollback of a creation alone: an update's is UPDATE_ROLLBACK_IN_PROGRESS. */
async function isCreationRolledBack(stack: string): Promise<boolean> {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
  return Stacks?.[0]?.StackStatus === 'ROLLBACK_IN_PROGRESS';
}

/** Returns when the instance shows the protection; an instance that is gone needs none. */
async function protect(id: string, isProtected: boolean, pauseMs: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const instance = await find(id);
    if (instance === undefined && !isProtected) {
      return;
    }
    const isAvailable = instance?.DBInstanceStatus === 'available';
    if (isAvailable && instance.DeletionProtection === isProtected) {
      return;
    }
    if (Date.now() > deadline) {
      const status = instance?.DBInstanceStatus ?? 'not there';
      throw new Error(
        `DeletionProtection of the RDS instance ${id} can't be set to ${String(isProtected)}: after ${PATIENCE_MS / 60_000} minutes it is still ${status}; deploy again when it is available`,
      );
    }
    if (isAvailable) {
      await rds.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: id,
          DeletionProtection: isProtected,
          ApplyImmediately: true,
        }),
      );
    }
    await pause(pauseMs);
  }
}

async function find(id: string): Promise<DBInstance | undefined> {
  try {
    const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    return DBInstances?.[0];
  } catch (error) {
    // The SDK's name for it, and that of the API.
    if (error instanceof Error && /^DBInstanceNotFound(Fault)?$/.test(error.name)) {
      return undefined;
    }
    throw error;
  }
}
