/** `npm run destroy`: runs `cdk destroy --all` and shows what is left. */

import { runProgram } from '../../src/command-line/run-program.ts';
import { DESTROY_LOOKS, mustBeReady, preflight } from '../deploy/preflight.ts';
import { cdk, StoppedError } from '../deployment/cdk.ts';
import { findPlace, NotReadyError } from '../deployment/place.ts';
import { cdkSettings, contextArguments } from '../deployment/selection.ts';
import { scanAndTell } from '../scan/tell.ts';

/** Network interfaces of functions, and machines that are gone, stay visible for a while, ms. */
const PATIENCE_MS = 10 * 60_000;

await runProgram(
  'destroy',
  (args) => cdkSettings('destroy', args),
  async ({ config, selection, yes, more }) => {
    if (config.profile === 'prod') {
      throw new NotReadyError(
        `${config.name} is in the profile prod, which protects its stacks and keeps its data: see "End a prod deployment" in docs/operate/deploy.md`,
      );
    }
    const place = await findPlace(config);
    mustBeReady(await preflight(config, place, DESTROY_LOOKS), console.error);
    try {
      await cdk(['destroy', '--all', ...contextArguments(selection), ...(yes ? ['--force'] : []), ...more], place);
    } catch (error) {
      // After a failure all the more: the scan says what is still there.
      if (!(error instanceof StoppedError)) {
        await scanAndTell(config, place, PATIENCE_MS);
      }
      throw error;
    }
    await scanAndTell(config, place, PATIENCE_MS);
  },
);
