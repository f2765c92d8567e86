/** `npm run cost [-- FILE]`: what each preset, or one configuration, costs in a month. */
import { Command } from 'commander';

import { ConfigError, loadConfig } from '../config/load.ts';
import { PRESETS } from '../config/presets.ts';
import { estimate, type Item, PRICES, seedEstimate, total } from './estimate.ts';

const command = new Command('cost')
  .description('Estimates the monthly price of a deployment, before traffic, requests, logs and S3.')
  .argument('[file]', 'a configuration; without it every preset')
  .option('--preset <name>', 'the preset that the file lies over')
  .parse();

function print(title: string, items: readonly Item[]): void {
  console.log(`\n${title}: ${total(items).toFixed(0)} USD a month`);
  for (const { part, what, count, usd, isChecked } of items) {
    console.log(
      `  ${part.padEnd(12)}${String(count).padStart(6)} x ${what.padEnd(24)}${isChecked ? ' ' : '~'}${usd.toFixed(2).padStart(10)}`,
    );
  }
}

try {
  const [file] = command.args;
  const { preset } = command.opts<{ preset?: string }>();
  console.log(`Prices of ${PRICES.date}, ${PRICES.region}, on demand; ~ marks a price that nobody has checked.`);
  if (file === undefined && preset === undefined) {
    for (const name of Object.keys(PRESETS)) {
      print(name, estimate(loadConfig({ preset: name })));
    }
    print("the seed's own machines", seedEstimate());
  } else {
    print(file ?? preset ?? '', estimate(loadConfig({ preset, file })));
  }
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof RangeError)) {
    throw error;
  }
  console.error(`cost: ${error.message}`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
