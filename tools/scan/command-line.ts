import { Command } from 'commander';

import type { GridConfig } from '../../lib/config/schema.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { duration } from '../../src/command-line/option-parsers.ts';
import { addSelection, selected } from '../deployment/selection.ts';

interface Settings {
  readonly config: GridConfig;
  /** Ms. */
  readonly wait: number;
  readonly json: boolean;
}

/** What `npm run scan` takes. */
export function scanCommand(): Command {
  return addSelection(new Command('scan'))
    .description('Lists what is left of a deployment in the account, per service. Changes nothing.')
    .option('--wait <duration>', 'look again for so long while something is left, e.g. 10m', duration, 0)
    .option('--json', 'the report as JSON', false)
    .allowExcessArguments(false);
}

/** @throws CommanderError after printing what is wrong. */
export function parseCommandLine(args: readonly string[]): Settings {
  const command = scanCommand();
  refuseOptionsOfNpm(command, 'npm run scan');
  command.parse([...args], { from: 'user' });
  return { ...command.opts<{ wait: number; json: boolean }>(), config: selected(command) };
}
