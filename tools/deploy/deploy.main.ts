/** `npm run deploy`: checks the account, says what will be made and what it costs, and runs `cdk deploy --all`. */
import type { GridConfig } from '../../lib/config/schema.ts';
import { runProgram } from '../../src/command-line/run-program.ts';
import { describeEstimate } from '../cost/describe.ts';
import { estimate } from '../cost/estimate.ts';
import { kindOfError, reasonOf } from '../deployment/aws-errors.ts';
import { cdk } from '../deployment/cdk.ts';
import { isConfirmed } from '../deployment/confirm.ts';
import { findPlace, type Place } from '../deployment/place.ts';
import { cdkSettings, deployArguments } from '../deployment/selection.ts';
import { releaseFailedCreations } from './failed-creations.ts';
import { mustBeReady, preflight } from './preflight.ts';
import { raiseClusterGeneration } from './recreate-cluster.ts';

await runProgram(
  'deploy',
  (args) => cdkSettings('deploy', args),
  async ({ config, selection, yes, recreateCluster, more }) => {
    const place = await findPlace(config);
    console.error(`Checking ${place.region} of account ${place.account} ...`);
    mustBeReady(await preflight(config, place), console.error);
    announce(config, place);
    if (!yes && !(await isConfirmed('Deploy it? [y/N] '))) {
      console.log('Nothing was created.');
      return;
    }
    for (const stack of await releaseFailedCreations(config, place).catch(withoutPermission)) {
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
    if (!(error instanceof RangeError)) {
      throw error;
    }
    console.log(`  no estimate: ${error.message}`);
  }
}

/** A role that may only take CDK's roles can't look at stacks; the CLI says what it can't delete. */
function withoutPermission(error: unknown): readonly string[] {
  if (kindOfError(error) !== 'denied') {
    throw error;
  }
  console.error(`warning: stacks whose creation failed stay protected from deletion: ${reasonOf(error)}`);
  return [];
}
