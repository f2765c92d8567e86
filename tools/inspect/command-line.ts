import { Command } from 'commander';

import { timeZone, watts } from '../../src/command-line/option-parsers.ts';
import { DEFAULT_MAX_POWER_W } from '../../src/core/limits.ts';

export interface InspectOptions {
  readonly json: boolean;
  readonly maxPower: number;
  readonly timezone?: string;
  readonly verbose: boolean;
}

/** What `npm run inspect` takes. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('Shows what is in a data set: houses, channels, readings, gaps, and the rows that can not be used.')
    .argument('<dir>', 'directory laid out as REDD low_freq or GREEND, e.g. sample-data/redd')
    .option('--json', 'as JSON', false)
    .option('--max-power <watts>', 'reject readings above this as absurd', watts, DEFAULT_MAX_POWER_W)
    .option(
      '--timezone <zone>',
      "IANA zone of the houses' midnight (default: that of the layout's own data set)",
      timeZone,
    )
    .option('--verbose', 'show the stack trace of an error', false)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}
