import { join } from 'node:path';

import { Command } from 'commander';
import { refuseOptionsOfNpm } from '../src/command-line/npm-options.ts';
import { wholeNumber } from '../src/command-line/option-parsers.ts';

export interface RehearsalOptions {
  /** Names of the proofs to run; those that they need run before. Undefined: all. */
  readonly only: readonly string[] | undefined;
  /** How many times in a row each step of `only` is run. */
  readonly times: number;
  /** Whether the short form is run: what a change of the project is checked by. */
  readonly short: boolean;
  /** Where the JSON report goes. Undefined: nowhere. */
  readonly report: string | undefined;
  /** Folder of all that the rehearsal makes. */
  readonly state: string;
  /** Whether to stay up once the proofs are done, to look at the hosts, until Ctrl-C. */
  readonly keep: boolean;
}

/** @returns the options; prints help or one line and ends the process with status 2 when they are wrong. */
export function parseCommandLine(args: readonly string[], steps: readonly string[]): RehearsalOptions {
  const command = new Command('npm run rehearse --')
    .description(
      'Deploys the grid to an emulated AWS on this computer, with hosts that boot, and proves that it works.',
    )
    .option('--only <step...>', `only these steps and those that they need: ${steps.join(', ')}`)
    .option('--times <n>', 'how many times in a row each step of --only runs', wholeNumber(1), 1)
    .option('--short', 'the short form: from nothing through the page and one reboot to nothing', false)
    .option('--report <file>', 'writes what was proven, with times, as JSON')
    .option(
      '--state <folder>',
      'folder of the rehearsal; its logs stay there',
      join(import.meta.dirname, '..', '.igrid', 'rehearsal'),
    )
    .option('--keep', 'stays up after the last step, until Ctrl-C', false)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  refuseOptionsOfNpm(command, 'npm run rehearse');
  command.parse(args, { from: 'user' });
  const { only, times, short, report, state, keep } = command.opts<{
    only?: string[];
    times: number;
    short: boolean;
    report?: string;
    state: string;
    keep: boolean;
  }>();
  return { only, times, short, report, state, keep };
}
