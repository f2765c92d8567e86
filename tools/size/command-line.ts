import { Command, InvalidArgumentError } from 'commander';

import { speed, wholeNumber } from '../../src/command-line/option-parsers.ts';

export interface SizeOptions {
  readonly appliances?: number;
  readonly hz?: number;
  readonly speed: number;
  readonly json: boolean;
  readonly writePresets: boolean;
}

/** What `npm run size` takes. */
export function sizeCommand(): Command {
  return new Command('npm run size --')
    .description('Sizes a deployment from measured costs (bench/results.json).')
    .option('--appliances <number>', 'how many appliances send readings', wholeNumber(1))
    .option(
      '--hz <number>',
      'readings per second of grid time that each sends: 1 for a meter that reads every second',
      hz,
    )
    .option('--speed <number>', 'grid seconds per second of the clock: 1 for real meters, 24 as in the seed', speed, 1)
    .option('--json', 'prints JSON', false)
    .option('--write-presets', 'sizes the presets seed, district and city again, after new measurements', false)
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

function hz(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1_000)) {
    throw new InvalidArgumentError('It must be above 0, at most 1000.');
  }
  return value;
}
