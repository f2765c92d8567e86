/**
 * `npm run size -- --appliances N --hz F [--speed S]`: what carries a load, what it meets first, and what it costs, from
 * measured costs. Exit status: 2 wrong usage, 1 failure.
 */
import { writeFileSync } from 'node:fs';

import { Command, InvalidArgumentError } from 'commander';

import { checkConfig } from '../../lib/config/load.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { speed, wholeNumber } from '../../src/command-line/option-parsers.ts';
import { estimate, PRICES } from '../cost/estimate.ts';
import { HEADROOM } from './choose.ts';
import { type Costs, CostsError, readCosts } from './costs.ts';
import { SIZED_PARTS } from './needs.ts';
import { type Size, size } from './size.ts';
import { SIZED_PRESETS_FILE, sizedPresets } from './sized-presets.ts';

interface Options {
  readonly appliances?: number;
  readonly hz?: number;
  readonly speed: number;
  readonly json: boolean;
  readonly writePresets: boolean;
}

const command = new Command('npm run size --')
  .description('Sizes a deployment from measured costs (bench/results.json).')
  .option('--appliances <number>', 'how many appliances send readings', wholeNumber(1))
  .option(
    '--hz <number>',
    'readings per second of grid time that each sends: 1 for a meter that reads every second',
    hz,
  )
  .option('--speed <number>', 'grid seconds per second of the clock: 1 for real meters, 24 as in the seed', speed, 1)
  .option('--json', 'prints JSON', false)
  .option('--write-presets', 'sizes the presets seed, district and city anew, after new measurements', false)
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
refuseOptionsOfNpm(command, 'npm run size');
command.parse();
const options = command.opts<Options>();

function hz(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1_000)) {
    throw new InvalidArgumentError('It must be above 0, at most 1000.');
  }
  return value;
}

const number = (value: number): string => value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
const percent = (share: number): string => `${number(share * 100)} %`;

function print(found: Size, costs: Costs): void {
  console.log(`${number(found.rate)} readings/s, by costs measured on ${costs.date} (${costs.machine}).`);
  console.log('A core is one of that machine, and is taken as one vCPU of AWS; that is not measured.');
  console.log(
    `Room to spare: at most ${percent(HEADROOM.cores)} of the cores, ${percent(HEADROOM.memory)} of the memory, ` +
      `${percent(HEADROOM.disk)} of the disk and ${percent(HEADROOM.network)} of the network are in use.\n`,
  );
  console.table(
    Object.fromEntries(
      SIZED_PARTS.map((part) => [
        part,
        {
          'cores at work': number(found.needs[part].cores),
          'memory, GiB': number(found.needs[part].memoryGib),
          'disk, GiB': number(found.needs[part].diskGib),
          'network, Gbit/s': number(found.needs[part].networkGbit),
        },
      ]),
    ),
  );
  console.log(`Configuration, beside its defaults:\n${JSON.stringify(found.config, undefined, 2)}\n`);
  console.log('It meets first, if the load grows:');
  for (const { part, resource, factor } of found.limits.slice(0, 3)) {
    console.log(`  ${resource} of ${part}: at ${number(factor)} times this load`);
  }
  for (const sentence of found.beyond) {
    console.log(`BEYOND: ${sentence}`);
  }
  console.log(`\n${number(found.monthlyUsd)} USD a month (prices of ${PRICES.date}, ${PRICES.region}, on demand):`);
  for (const { part, what, count, usd, isChecked } of estimate(checkConfig(found.config))) {
    console.log(
      `  ${part.padEnd(12)}${number(count).padStart(8)} x ${what.padEnd(24)}${isChecked ? ' ' : '~'}${usd.toFixed(0).padStart(8)}`,
    );
  }
}

try {
  const costs = readCosts();
  if (options.writePresets) {
    writeFileSync(SIZED_PRESETS_FILE, `${JSON.stringify(sizedPresets(costs), undefined, 2)}\n`);
    console.log(`wrote ${SIZED_PRESETS_FILE}`);
  } else if (options.appliances === undefined || options.hz === undefined) {
    console.error('size: say --appliances and --hz (or --write-presets)');
    process.exitCode = 2;
  } else {
    const found = size({ appliances: options.appliances, hz: options.hz, speed: options.speed }, costs);
    if (options.json) {
      console.log(JSON.stringify(found, undefined, 2));
    } else {
      print(found, costs);
    }
  }
} catch (error) {
  console.error(`size: ${error instanceof CostsError ? error.message : String(error)}`);
  process.exitCode = 1;
}
