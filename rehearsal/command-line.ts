import { Command, InvalidArgumentError } from 'commander';

import { refuseOptionsOfNpm } from '../src/command-line/npm-options.ts';
import { wholeNumber } from '../src/command-line/option-parsers.ts';
import { repositoryPath } from '../src/files/repository.ts';

export interface RehearsalOptions {
  /** Names of the checks to run; those that they need run before them. Undefined: all. */
  readonly only: readonly string[] | undefined;
  /** How many times in a row a check is run, by its name; once if it is not named. */
  readonly repeat: ReadonlyMap<string, number>;
  /** Whether the short form is run: what a change of the project is checked by. */
  readonly short: boolean;
  /** Where the JSON report goes. Undefined: nowhere. */
  readonly report: string | undefined;
  /** Folder of all that the rehearsal makes. */
  readonly state: string;
  /** Whether to stay up once the checks are done, to look at the hosts, until Ctrl-C. */
  readonly keep: boolean;
}

/**
 * What `npm run rehearse` takes.
 *
 * @param checks names of all checks.
 */
export function rehearseCommand(checks: readonly string[]): Command {
  return new Command('npm run rehearse --')
    .description(
      'Deploys the grid to an emulated AWS on this computer, with hosts that boot, and proves that it works.',
    )
    .option('--only <check...>', `only these checks and those that they need: ${checks.join(', ')}`)
    .option('--repeat <check=n...>', 'runs a check several times in a row: druid-lost=10', repetitions)
    .option('--short', 'the short form: from nothing through the dashboard and one reboot to nothing', false)
    .option('--report <file>', 'writes the result of each check, with times, as JSON')
    .option('--state <folder>', 'folder of the rehearsal; its logs stay there', repositoryPath('.igrid/rehearsal'))
    .option('--keep', 'stays up after the last check, until Ctrl-C', false)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

/** @returns the options; prints help or one line and ends the process with status 2 when they are wrong. */
export function parseCommandLine(args: readonly string[], checks: readonly string[]): RehearsalOptions {
  const command = rehearseCommand(checks);
  refuseOptionsOfNpm(command, 'npm run rehearse');
  command.parse(args, { from: 'user' });
  const {
    only,
    repeat = new Map(),
    short,
    report,
    state,
    keep,
  } = command.opts<{
    only?: string[];
    repeat?: ReadonlyMap<string, number>;
    short: boolean;
    report?: string;
    state: string;
    keep: boolean;
  }>();
  return { only, repeat, short, report, state, keep };
}

/** @throws InvalidArgumentError for anything but `check=n`. */
function repetitions(text: string, before: ReadonlyMap<string, number> = new Map()): ReadonlyMap<string, number> {
  const [, check, times] = /^([a-z-]+)=(\d+)$/.exec(text) ?? [];
  if (check === undefined || times === undefined) {
    throw new InvalidArgumentError('Expected a check and a number of times, such as druid-lost=10.');
  }
  return new Map([...before, [check, wholeNumber(1)(times)]]);
}
