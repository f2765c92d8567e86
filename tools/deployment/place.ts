/** Where a deployment goes: an account and a region. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { RegionInfo } from 'aws-cdk-lib/region-info';

import type { GridConfig } from '../../lib/config/schema.ts';
import { credentialsAdvice, kindOfError, reasonOf } from './aws-errors.ts';

/** Something is missing; the message is one line that says what to do. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** Where a deployment goes. */
export interface Place {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const ZONE = /^([a-z]{2}(-[a-z]+)+-\d)[a-z]$/;

/** How long one attempt to reach AWS may take, ms. */
export const REQUEST_LIMITS = {
  connectionTimeout: 5_000,
  requestTimeout: 20_000,
  throwOnRequestTimeout: true,
} as const;

/**
 * The account that the credentials belong to, and the region that the configuration or the AWS settings name.
 *
 * @throws NotReadyError without credentials, a region or a network, or when the configuration names another account.
 */
export async function findPlace(config: Pick<GridConfig, 'account' | 'region'>): Promise<Place> {
  const region = config.region ?? (await defaultRegion());
  const account = await callerAccount(region);
  if (config.account !== undefined && config.account !== account) {
    throw new NotReadyError(
      `the credentials belong to account ${account}, the configuration names ${config.account}: choose another AWS_PROFILE`,
    );
  }
  return { account, region };
}

async function defaultRegion(): Promise<string> {
  let region: string;
  try {
    region = await new STSClient({}).config.region();
  } catch (error) {
    throw new NotReadyError('there is no AWS region: set AWS_REGION, or account and region in the configuration', {
      cause: error,
    });
  }
  if (!REGION.test(region)) {
    const ofZone = ZONE.exec(region)?.[1];
    throw new NotReadyError(
      `the AWS region "${region}" is ${ofZone === undefined ? 'no region' : 'an availability zone'}: ` +
        `set AWS_REGION to a region such as ${ofZone ?? 'eu-central-1'}`,
    );
  }
  return region;
}

async function callerAccount(region: string): Promise<string> {
  try {
    const client = new STSClient({ region, maxAttempts: 2, requestHandler: REQUEST_LIMITS });
    const { Account = '' } = await client.send(new GetCallerIdentityCommand({}));
    return Account;
  } catch (error) {
    throw new NotReadyError(adviceFor(error, region), { cause: error });
  }
}

function adviceFor(error: unknown, region: string): string {
  switch (kindOfError(error)) {
    case 'network':
      return isKnownRegion(region)
        ? `can't reach AWS in ${region}: check the network, VPN and firewall of this computer (${reasonOf(error)})`
        : `can't reach AWS in ${region}, which is not a region that this version knows: check AWS_REGION, then the network (${reasonOf(error)})`;
    case 'credentials':
      return credentialsAdvice(error, region);
    case 'denied':
      return `AWS refuses to say whose credentials these are: choose another AWS_PROFILE (${reasonOf(error)})`;
    case 'other':
      return `can't find out whose credentials these are in ${region}: ${reasonOf(error)}`;
  }
}

/** CDK's own list; a region younger than the package is not in it, so it explains and never refuses. */
function isKnownRegion(region: string): boolean {
  return RegionInfo.regions.some(({ name }) => name === region);
}
