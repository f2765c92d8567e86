/** Deployments that must fail, with a reason that helps, and leave nothing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { PutObjectCommand } from '@aws-sdk/client-s3';

import { checkConfig } from '../../lib/config/load.ts';
import type { GridConfigInput } from '../../lib/config/schema.ts';
import { type DownloadField, DOWNLOADS } from '../../lib/downloads/configured.ts';
import { stagedName } from '../../lib/downloads/staged-file.ts';
import { type Check, CheckError } from '../check.ts';
import { CdkError, CLIENT, s3 } from '../cloud.ts';
import type { Environment } from '../environment.ts';
import { DEPLOY, DEPLOY_TIMEOUT_MS, destroyAll, nothingLeft, ownStacks } from './deployment.ts';

/** What no file has. */
const WRONG_SHA256 = 'f'.repeat(64);

/** What scripts say of a file that is another one than was staged. */
const REASON = 'which it had when it was staged';

export const brokenDownload: Check = {
  name: 'broken-download',
  expectation:
    'a file with another hash fails the deployment with its address, both hashes and the field, before any host',
  after: ['scan'],
  run: async (environment, signal) => {
    const { hosts } = environment.config;
    const failure = await mustFail(environment, signal, 'replay', {
      hosts: { ...hosts, ssmAgent: { ...hosts?.ssmAgent, sha256: WRONG_SHA256 } },
    });
    if (!failure.output.includes(`but hosts.ssmAgent.sha256 is ${WRONG_SHA256}`)) {
      throw new CheckError(`the reason is not there: ${failure.message}`);
    }
    return 'both hashes and the field are in the event';
  },
};

export const brokenHost: Check = {
  name: 'broken-host',
  expectation:
    'user data that fails fails the deployment at once, names the host whose log says why, and leaves nothing',
  after: ['broken-download'],
  run: async (environment, signal) => {
    await misplace(environment, signal, 'replay/ssm-agent', 'hosts.ssmAgent');
    const failure = await mustFail(environment, signal, 'replay', {});
    const [, host] = /logs of the machine: (i-[0-9a-f]+)/.exec(failure.output) ?? [];
    const log = host === undefined ? '' : await readFile(join(environment.logs, host, 'igrid-user-data.log'), 'utf8');
    if (!failure.output.includes('FAILURE signal') || !log.includes(REASON)) {
      throw new CheckError(`the reason is not there: ${failure.message}`);
    }
    return `a FAILURE signal of ${host}, whose log names the file`;
  },
};

export const brokenBootstrap: Check = {
  name: 'broken-bootstrap',
  expectation: 'a bootstrap script that fails fails the deployment with its own words, and leaves nothing',
  after: ['broken-host'],
  run: async (environment, signal) => {
    await misplace(environment, signal, 'spark/msk-iam-auth', 'spark.mskIamAuth');
    const failure = await mustFail(environment, signal, 'spark', {});
    if (!failure.output.includes(REASON)) {
      throw new CheckError(`the reason is not there: ${failure.message}`);
    }
    await destroyAll(environment, signal);
    await nothingLeft();
    return 'named in the event; nothing left after a destroy';
  },
};

/** Puts another file where one is going to be staged, as if it had been and were damaged since: the reader must notice. */
async function misplace(
  environment: Environment,
  signal: AbortSignal,
  prefix: string,
  field: DownloadField,
): Promise<void> {
  await environment.cdk(['deploy', 'downloads', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
  const name = (await ownStacks()).find(({ StackName }) => StackName?.endsWith('-downloads'))?.StackName;
  let bucket: string | undefined;
  for await (const page of paginateListStackResources(
    { client: new CloudFormationClient(CLIENT) },
    { StackName: name },
  )) {
    bucket ??= page.StackResourceSummaries?.find(
      ({ ResourceType }) => ResourceType === 'AWS::S3::Bucket',
    )?.PhysicalResourceId;
  }
  const download = DOWNLOADS[field](checkConfig(environment.config));
  await s3().send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: `${prefix}/${stagedName(download)}`,
      Body: 'damaged',
      Metadata: { sha256: download.sha256 ?? WRONG_SHA256 },
    }),
  );
}

/** Deploys a stack, and what it needs, with parts of the configuration that are wrong for this stack alone. */
async function mustFail(
  environment: Environment,
  signal: AbortSignal,
  stack: string,
  wrong: GridConfigInput,
): Promise<CdkError> {
  const right = environment.config;
  await environment.configure({ ...right, ...wrong });
  try {
    await environment.cdk(['deploy', stack, ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
  } catch (error) {
    if (!(error instanceof CdkError)) {
      throw error;
    }
    const state = (await ownStacks()).find(({ StackName }) => StackName?.endsWith(`-${stack}`))?.StackStatus;
    if (state !== 'ROLLBACK_COMPLETE') {
      throw new CheckError(`${stack} failed and is ${state ?? 'not there'}, not rolled back`, { cause: error });
    }
    return error;
  } finally {
    await environment.configure(right);
  }
  throw new CheckError(`${stack} was deployed although it is broken`);
}
