/** `npm run inspect -- DIR`: what is in a data set. Exit status: 1 failure, 2 wrong usage. */
import { Command } from 'commander';

import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { timeZone, watts } from '../../src/command-line/option-parsers.ts';
import { messageOf } from '../../src/datasets/data-set/errors.ts';
import { openDataSet } from '../../src/datasets/open.ts';
import { DEFAULT_MAX_POWER_W } from '../../src/datasets/rows/rows.ts';
import { inspect, toJson } from './inspect.ts';
import { toText } from './inspection-text.ts';

interface Options {
  readonly json: boolean;
  readonly maxPower: number;
  readonly timezone?: string;
  readonly verbose: boolean;
}

async function run(directory: string, { json, maxPower, timezone }: Options): Promise<void> {
  const dataSet = await openDataSet(directory, { maxPowerW: maxPower, timeZone: timezone });
  const inspection = await inspect(dataSet, (house) => {
    if (process.stderr.isTTY) {
      process.stderr.write(`reading house ${house.id} of ${directory} ...\n`);
    }
  });
  process.stdout.write(`${json ? JSON.stringify(toJson(inspection), undefined, 2) : toText(inspection)}\n`);
}

const command = new Command('inspect')
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
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(async (directory: string, options: Options) => {
    try {
      await run(directory, options);
    } catch (error) {
      process.stderr.write(`inspect: ${options.verbose && error instanceof Error ? error.stack : messageOf(error)}\n`);
      process.exitCode = 1;
    }
  });
refuseOptionsOfNpm(command, 'npm run inspect');
await command.parseAsync();
