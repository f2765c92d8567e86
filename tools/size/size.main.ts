/**
 * `npm run size -- --appliances N --hz F [--speed S]`: what carries a load, what it meets first, and what it costs, from
 * measured costs. Exit status: 2 wrong usage, 1 failure.
 */
import { writeFileSync } from 'node:fs';

import { checkConfig } from '../../lib/config/load.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { estimate, PRICES } from '../cost/estimate.ts';
import { HEADROOM } from './choose.ts';
import { sizeCommand, type SizeOptions } from './command-line.ts';
import { type Costs, CostsError, readCosts } from './costs.ts';
import { SIZED_PARTS } from './needs.ts';
import { type Size, size } from './size.ts';
import { MEASURED_FILE, measuredOf, SIZED_PRESETS_FILE, sizedPresets } from './sized-presets.ts';

const command = sizeCommand();
refuseOptionsOfNpm(command, 'npm run size');
command.parse();
const options = command.opts<SizeOptions>();

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
    writeFileSync(MEASURED_FILE, `${JSON.stringify(measuredOf(costs), undefined, 2)}\n`);
    console.log(`wrote ${SIZED_PRESETS_FILE} and ${MEASURED_FILE}`);
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
