/** The emulated AWS, seen from outside: clients for the checks, and the CDK CLI with its endpoint variable. */
import { join } from 'node:path';

import { S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';

import { repositoryPath } from '../src/files/repository.ts';
import { ACCOUNT, PORTS, REGION, SERVICE_ADDRESS } from './addresses.ts';

const ROOT = repositoryPath();
const ENDPOINT = `http://${SERVICE_ADDRESS}:${PORTS.aws}`;

/** What every client of AWS reads, the CDK CLI included: the app itself knows nothing of a rehearsal. */
export const AWS_ENVIRONMENT = {
  AWS_ENDPOINT_URL: ENDPOINT,
  AWS_ACCESS_KEY_ID: ACCOUNT,
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
} as const;

/** Settings of a client of the SDK. */
export const CLIENT = {
  endpoint: ENDPOINT,
  region: REGION,
  credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'rehearsal' },
} as const;

export const s3 = (): S3Client => new S3Client({ ...CLIENT, forcePathStyle: true });

export interface CdkOptions {
  /** Folder of the rehearsal: cdk.out and the configuration are there. */
  readonly state: string;
  /** The configuration file. */
  readonly config: string;
  /** How long it may take, ms: an emulated service that never answers must not hang the rehearsal. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The CDK CLI failed. */
export class CdkError extends Error {
  override readonly name = 'CdkError';

  /** @param output all that it said. */
  constructor(
    message: string,
    readonly output: string,
  ) {
    super(message);
  }
}

/**
 * Runs the pinned CDK CLI.
 *
 * @returns all that it said.
 * @throws CdkError with the lines that name what failed.
 */
export async function cdk(args: readonly string[], options: CdkOptions): Promise<string> {
  const result = await execa(
    join(ROOT, 'node_modules', '.bin', 'cdk'),
    [
      ...args,
      ...['--context', `config=${options.config}`, '--output', join(options.state, 'cdk.out'), '--ci', '--no-color'],
    ],
    {
      cwd: ROOT,
      reject: false,
      all: true,
      timeout: options.timeoutMs,
      ...(options.signal && { cancelSignal: options.signal }),
      env: { ...AWS_ENVIRONMENT, CDK_DISABLE_CLI_TELEMETRY: 'true', AWS_PROFILE: undefined },
    },
  );
  if (result.timedOut) {
    throw new CdkError(`cdk ${args[0]} did not end within ${options.timeoutMs / 1_000} s`, result.all);
  }
  if (result.failed) {
    throw new CdkError(`cdk ${args[0]} failed: ${reasons(result.all)}`, result.all);
  }
  return result.all;
}

/** The lines of the CLI's output that say why. */
export function reasons(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => /_FAILED|❌|[Ee]rror:/.test(line));
  return (telling.length > 0 ? telling : lines.filter((line) => line !== '').slice(-3)).slice(0, 4).join(' / ');
}
