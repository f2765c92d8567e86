/** The profile prod, as far as it is another one than dev: what a deployment leaves when it fails, and when it goes. */
import { join } from 'node:path';

import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { execa } from 'execa';

import type { GridConfigInput } from '../../lib/config/schema.ts';
import { CLIENT } from '../cloud.ts';
import { leftInCloud } from '../leftovers.ts';
import { type Proof, ProofError } from '../proof.ts';
import type { Stage } from '../stage.ts';
import { DEPLOY, DEPLOY_TIMEOUT_MS, ownStacks } from './deployment.ts';
import { mustFail } from './failure.ts';

/** The stacks with data that need no host: the rehearsal's own have parts that prod refuses. */
const STACKS = ['foundation', 'stream'] as const;

/** What the network has is not data, and stays for the next attempt. */
const OF_NETWORK = /^(address|flow log|NAT gateway|network interface|security group|VPC) /;

/** To be run last: it leaves in the account what prod keeps. */
export const prodAgain: Proof = {
  name: 'prod-again',
  claim:
    'a first deployment in the profile prod that fails half-way leaves no data, the next one works, and its data outlive it',
  after: ['bootstrap'],
  run: async (stage, signal) => {
    const right = inProd(stage.config);
    // The database is made, and then its function does not trust the server.
    const authorityFile = await anotherAuthority(stage);
    await mustFail(stage, signal, 'foundation', { ...right, database: { ...right.database, authorityFile } });
    await holdsNothing('the failed deployment');
    await stage.configure(right);
    await stage.cdk(['deploy', ...STACKS, ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const stacks = await ownStacks();
    for (const name of STACKS) {
      const status = stacks.find(({ StackName }) => StackName?.endsWith(`-${name}`))?.StackStatus;
      if (status !== 'CREATE_COMPLETE') {
        throw new ProofError(`${name} is ${status ?? 'not there'} after the second attempt`);
      }
    }
    if (!(await databaseIsProtected())) {
      throw new ProofError('the database is not protected from deletion');
    }
    await stage.cdk(['destroy', ...STACKS, '--force'], DEPLOY_TIMEOUT_MS, signal);
    const kept = await leftInCloud();
    const missing = ['database ', 'MSK cluster '].filter((kind) => !kept.some((name) => name.startsWith(kind)));
    if (missing.length > 0) {
      throw new ProofError(`gone with its stack: ${missing.map((kind) => kind.trim()).join(', ')}`);
    }
    return `nothing after the first attempt, ${STACKS.join(' and ')} after the second, database and brokers after a destroy`;
  },
};

/** The same deployment, as prod takes it; hosts are never started. */
function inProd(config: GridConfigInput): GridConfigInput {
  return {
    ...config,
    profile: 'prod',
    stream: { ...config.stream, auth: 'iam' },
    olap: { ...config.olap, metadata: 'postgresql', storage: 's3', login: 'basic' },
  };
}

/** A certificate that no server here has. @returns its file. */
async function anotherAuthority(stage: Stage): Promise<string> {
  const file = join(stage.state, 'another-authority.pem');
  await execa('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '7'],
    ...['-subj', '/CN=another', '-keyout', join(stage.state, 'another-authority.key'), '-out', file],
  ]);
  return file;
}

/** @throws ProofError that names what there is beside the network. */
async function holdsNothing(what: string): Promise<void> {
  const left = (await leftInCloud()).filter((name) => !OF_NETWORK.test(name));
  if (left.length > 0) {
    throw new ProofError(`${what} left behind: ${left.join(', ')}`);
  }
}

async function databaseIsProtected(): Promise<boolean> {
  const rds = new RDSClient(CLIENT);
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({})).finally(() => rds.destroy());
  return DBInstances.length === 1 && DBInstances[0]?.DeletionProtection === true;
}
