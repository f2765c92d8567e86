/** What a deployment needs of the machine and the account, looked at before anything begins. */
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

import type { GridConfig } from '../config/schema.ts';

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

/** Where CDK's bootstrap stack notes its version; `hnb659fds` is the qualifier unless somebody chose another. */
const BOOTSTRAP_VERSION = '/cdk-bootstrap/hnb659fds/version';

/**
 * The account that the credentials belong to, and the region that the configuration or the AWS settings name.
 *
 * @throws NotReadyError without credentials or a region, or when the configuration names another account.
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

/** @throws NotReadyError when CDK's bootstrap stack is not there. */
export async function mustBeBootstrapped({ account, region }: Place): Promise<void> {
  try {
    await new SSMClient({ region }).send(new GetParameterCommand({ Name: BOOTSTRAP_VERSION }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') {
      throw new NotReadyError(
        `${region} of account ${account} has no CDK bootstrap: run "npx cdk bootstrap aws://${account}/${region}" once`,
        { cause: error },
      );
    }
    throw new NotReadyError(`can't read ${BOOTSTRAP_VERSION} in ${region}: ${reasonOf(error)}`, { cause: error });
  }
}

async function defaultRegion(): Promise<string> {
  try {
    return await new STSClient({}).config.region();
  } catch (error) {
    throw new NotReadyError('there is no AWS region: set AWS_REGION, or account and region in the configuration', {
      cause: error,
    });
  }
}

async function callerAccount(region: string): Promise<string> {
  try {
    const { Account = '' } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    return Account;
  } catch (error) {
    throw new NotReadyError(
      `there are no valid AWS credentials: log in ("aws sso login", "aws configure") or set AWS_PROFILE (${reasonOf(error)})`,
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
