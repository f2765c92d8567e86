/** `npm run scan`: what is left of a deployment in the AWS account. Exit status 1: something that must go is. */
import { runProgram } from '../../src/command-line/run-program.ts';
import { findPlace } from '../deployment/place.ts';
import { parseCommandLine } from './command-line.ts';
import { scanAndTell } from './tell.ts';

await runProgram('scan', parseCommandLine, async ({ config, wait, json }) =>
  scanAndTell(config, await findPlace(config), wait, json),
);
