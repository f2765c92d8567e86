/** `npm run scan`: what is left of a deployment in the AWS account. Exit status 1: something that must go is. */
import { Command } from 'commander';

import type { GridConfig } from '../../lib/config/schema.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { duration } from '../../src/command-line/option-parsers.ts';
import { runProgram } from '../../src/command-line/run-program.ts';
import { findPlace } from '../deployment/place.ts';
import { addSelection, selected } from '../deployment/selection.ts';
import { scanAndTell } from './tell.ts';

interface Settings {
  readonly config: GridConfig;
  /** Ms. */
  readonly wait: number;
  readonly json: boolean;
}

function parse(args: readonly string[]): Settings {
  const command = addSelection(new Command('scan'))
    .description('Lists what is left of a deployment in the account, per service. Changes nothing.')
    .option('--wait <duration>', 'look again for so long while something is left, e.g. 10m', duration, 0)
    .option('--json', 'the report as JSON', false)
    .allowExcessArguments(false);
  refuseOptionsOfNpm(command, 'npm run scan');
  command.parse([...args], { from: 'user' });
  return { ...command.opts<{ wait: number; json: boolean }>(), config: selected(command) };
}

await runProgram('scan', parse, async ({ config, wait, json }) =>
  scanAndTell(config, await findPlace(config), wait, json),
);
