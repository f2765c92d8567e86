/**
 * `npm run size -- --appliances N --hz F [--speed S]`: what carries a load, its first bottleneck, and what it costs, from
 * measured costs. Exit status: 2 wrong usage, 1 failure.
 */
import { type Costs, CostsError, readCosts } from '../../lib/capacity/costs.ts';
import { HEADROOM } from '../../lib/capacity/headroom.ts';
import { SIZED_PARTS } from '../../lib/capacity/needs.ts';
import { checkConfig } from '../../lib/config/load.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { describeEstimate } from '../cost/describe.ts';
import { estimate } from '../cost/estimate.ts';
import { PRICES } from '../cost/prices.ts';
import { sizeCommand, type SizeOptions } from './command-line.ts';
import { type Size, size } from './size.ts';

const command = sizeCommand();
refuseOptionsOfNpm(command, 'npm run size');
command.parse();
const options = command.opts<SizeOptions>();

const number = (value: number): string => value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
const percent = (share: number): string => `${number(share * 100)} %`;

function print(found: Size, costs: Costs): void {
  console.log(`${number(found.rate)} readings/s, by costs measured on ${costs.date} (${costs.machine}).`);
  console.log(
    "A core is one of that machine. How much of it a vCPU carries follows from AWS' statements, not from measurements.",
  );
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
  console.log('First bottlenecks, if the load grows:');
  for (const { part, resource, factor } of found.limits.slice(0, 3)) {
    console.log(`  ${resource} of ${part}: at ${number(factor)} times this load`);
  }
  for (const sentence of found.beyond) {
    console.log(`NOT SUPPORTED: ${sentence}`);
  }
  console.log(`\nPrices of ${PRICES.region}, on demand; ~ marks one that no public source confirms:`);
  describeEstimate(estimate(checkConfig(found.config))).forEach((line) => console.log(line));
}

try {
  const costs = readCosts();
  if (options.appliances === undefined || options.hz === undefined) {
    console.error('size: say --appliances and --hz');
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
