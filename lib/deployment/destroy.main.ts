/** `npm run destroy`: runs `cdk destroy --all` and shows what is left. */
import { Command } from 'commander';

import { runProgram } from '../../src/command-line/run-program.ts';
import type { GridConfig } from '../config/schema.ts';
import { scanAndTell } from '../teardown/tell.ts';
import { cdk } from './cdk.ts';
import { findPlace, NotReadyError } from './preflight.ts';
import { addSelection, contextArguments, selected, type Selection } from './selection.ts';

/** Network interfaces of functions, and machines that are gone, stay visible for a while, ms. */
const PATIENCE_MS = 10 * 60_000;

interface Settings {
  readonly config: GridConfig;
  readonly selection: Selection;
  readonly yes: boolean;
  /** For `cdk destroy`. */
  readonly more: readonly string[];
}

function parse(args: readonly string[]): Settings {
  const command = addSelection(new Command('destroy'))
    .description('Removes the grid from AWS: cdk destroy --all, then a scan. Exit status 1: something is left.')
    .option('--yes', 'ask nothing', false)
    .argument('[cdk...]', 'more arguments of cdk destroy, after --')
    .parse([...args], { from: 'user' });
  const { yes, ...selection } = command.opts<Selection & { yes: boolean }>();
  return { config: selected(command), selection, yes, more: command.args };
}

await runProgram('destroy', parse, async ({ config, selection, yes, more }) => {
  if (config.profile === 'prod') {
    throw new NotReadyError(
      `${config.name} is in the profile prod, which protects its stacks and keeps its data: see "Ending a prod deployment" in docs/aws.md`,
    );
  }
  const place = await findPlace(config);
  try {
    await cdk(['destroy', '--all', ...contextArguments(selection), ...(yes ? ['--force'] : []), ...more], place);
  } finally {
    // After a failure all the more: it says what is still there.
    await scanAndTell(config, place, PATIENCE_MS);
  }
});
