/** What follows from a configuration, each rule at one place. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';

import type { GridConfig } from './schema.ts';

type Profiled = Pick<GridConfig, 'profile'>;

/**
 * What becomes of data when a stack is deleted: dev leaves nothing, prod keeps everything that can't be made again. What
 * a failed creation made is removed in both (RetainExceptOnCreate): it holds no data, and under its fixed name it would
 * make the next attempt fail.
 */
export function dataRemovalPolicy(config: Profiled): RemovalPolicy {
  return config.profile === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/** Whether a single zone's failure must be survived without a hand. */
export function isMultiZone(config: Profiled): boolean {
  return config.profile === 'prod';
}

export function natGateways(config: Pick<GridConfig, 'profile' | 'network'>): number {
  return config.network.natGateways ?? (isMultiZone(config) ? config.network.zones : 1);
}

export function backupDays(config: Pick<GridConfig, 'profile' | 'database'>): number {
  return config.database.backupDays ?? (config.profile === 'prod' ? 14 : 1);
}

export function environmentTag(config: Pick<GridConfig, 'profile' | 'tags'>): string {
  return config.tags.environment ?? config.profile;
}

/** How long logs are kept, in CDK's words. */
export function logRetention(config: Pick<GridConfig, 'operations'>): RetentionDays {
  return z.enum(RetentionDays).parse(config.operations.logRetentionDays);
}
