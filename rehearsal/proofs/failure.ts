/** Deployments that must fail, with a reason that helps, and leave nothing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { GridConfigInput } from '../../lib/config/schema.ts';
import { CdkError } from '../cloud.ts';
import { type Proof, ProofError } from '../proof.ts';
import type { Stage } from '../stage.ts';
import { DEPLOY, DEPLOY_TIMEOUT_MS, destroyAll, nothingLeft, ownStacks } from './deployment.ts';

/** What no file has. */
const WRONG_SHA256 = 'f'.repeat(64);

/** What scripts say of a file that is another one than the configuration names. */
const REASON = `is not the file with the SHA-256 ${WRONG_SHA256}`;

export const brokenHost: Proof = {
  name: 'broken-host',
  claim: 'user data that fails fails the deployment at once, names the host whose log says why, and leaves nothing',
  after: ['scan'],
  run: async (stage, signal) => {
    const { hosts } = stage.config;
    const failure = await mustFail(stage, signal, 'replay', {
      hosts: { ...hosts, ssmAgent: { ...hosts?.ssmAgent, sha256: WRONG_SHA256 } },
    });
    const [, host] = /logs of the machine: (i-[0-9a-f]+)/.exec(failure.output) ?? [];
    const log = host === undefined ? '' : await readFile(join(stage.logs, host, 'igrid-user-data.log'), 'utf8');
    if (!failure.output.includes('FAILURE signal') || !log.includes(REASON)) {
      throw new ProofError(`the reason is not there: ${failure.message}`);
    }
    return `a FAILURE signal of ${host}, whose log names the file`;
  },
};

export const brokenBootstrap: Proof = {
  name: 'broken-bootstrap',
  claim: 'a bootstrap script that fails fails the deployment with its own words, and leaves nothing',
  after: ['broken-host'],
  run: async (stage, signal) => {
    const { dutyCycle } = stage.config;
    const failure = await mustFail(stage, signal, 'duty-cycle', {
      dutyCycle: { ...dutyCycle, mskIamAuth: { ...dutyCycle?.mskIamAuth, sha256: WRONG_SHA256 } },
    });
    if (!failure.output.includes(REASON)) {
      throw new ProofError(`the reason is not there: ${failure.message}`);
    }
    await destroyAll(stage, signal);
    await nothingLeft();
    return 'named in the event; nothing left after a destroy';
  },
};

/** Deploys a stack, and what it needs, with parts of the configuration that are wrong for this stack alone. */
async function mustFail(stage: Stage, signal: AbortSignal, stack: string, wrong: GridConfigInput): Promise<CdkError> {
  const right = stage.config;
  await stage.configure({ ...right, ...wrong });
  try {
    await stage.cdk(['deploy', stack, ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
  } catch (error) {
    if (!(error instanceof CdkError)) throw error;
    const state = (await ownStacks()).find(({ StackName }) => StackName?.endsWith(`-${stack}`))?.StackStatus;
    if (state !== 'ROLLBACK_COMPLETE') {
      throw new ProofError(`${stack} failed and is ${state ?? 'not there'}, not rolled back`, { cause: error });
    }
    return error;
  } finally {
    await stage.configure(right);
  }
  throw new ProofError(`${stack} was deployed although it is broken`);
}
