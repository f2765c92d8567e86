/** `npm run deploy`: looks whether all is ready, says what will be made and what it costs, and runs `cdk deploy --all --force`. */
import { createInterface } from 'node:readline/promises';

import { runProgram } from '../../src/command-line/run-program.ts';
import type { GridConfig } from '../config/schema.ts';
import { describeEstimate } from '../cost/describe.ts';
import { estimate } from '../cost/estimate.ts';
import { cdk } from './cdk.ts';
import { releaseFailedCreations } from './failed-creations.ts';
import { raiseClusterGeneration } from './recreate-cluster.ts';
import { findPlace, mustBeBootstrapped, NotReadyError, type Place } from './preflight.ts';
import { cdkSettings, deployArguments } from './selection.ts';

const DESCRIPTION = 'Deploys the grid to AWS: cdk deploy --all --force, after a look at account, region, bootstrap and price.';

await runProgram(
  'deploy',
  (args) => cdkSettings('deploy', DESCRIPTION, args),
  async ({ config, selection, yes, recreateCluster, more }) => {
    const place = await findPlace(config);
    await mustBeBootstrapped(place);
    announce(config, place);
    if (!yes && !(await isConfirmed())) {
      return;
    }
    for (const stack of await releaseFailedCreations(config, place)) {
      console.log(`${stack}: its creation failed before; it is deleted and created again`);
    }
    if (recreateCluster && selection.config !== undefined) {
      console.log(`EMR cluster: generation ${raiseClusterGeneration(selection.config)}`);
    }
    await cdk(deployArguments({ selection, yes, more }), place);
  },
);

function announce(config: GridConfig, { account, region }: Place): void {
  console.log(`${config.name} (${config.profile}) into ${region} of account ${account}:`);
  try {
    describeEstimate(estimate(config)).forEach((line) => console.log(line));
  } catch (error) {
    // A type without a price can be deployed all the same.
    if (!(error instanceof RangeError)) throw error;
    console.log(`  no estimate: ${error.message}`);
  }
}

async function isConfirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new NotReadyError('there is no terminal to ask on: say --yes');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question('Deploy it? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
