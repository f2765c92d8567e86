import { Command, InvalidArgumentError } from 'commander';

import { duration, wholeNumber } from '../../src/command-line/option-parsers.ts';

const LEAST_INTERVAL_MS = 2_000;

/** What `npm run storm` takes beside the options of `npm start`. */
export function stormCommand(): Command {
  return new Command('npm run storm --')
    .description(
      'The grid on one machine in a storm of faults: kill -9, SIGSTOP for up to 30 s and restarts of every process. ' +
        'Afterwards the counts must agree. Takes the options of npm start as well.',
    )
    .option('--for <duration>', 'how long the storm lasts', '10m')
    .option('--every <duration>', 'how often a fault happens, plus or minus a second: at least 2s', interval, 15_000)
    .option('--seed <n>', 'seed of the faults; default: a new one at each start, which is printed', wholeNumber(0))
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

function interval(text: string): number {
  const ms = duration(text);
  if (ms < LEAST_INTERVAL_MS) {
    throw new InvalidArgumentError('It must be at least 2s.');
  }
  return ms;
}
