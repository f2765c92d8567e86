/** `npm run cost`: what each preset, or one configuration, costs in a month. */
import { loadConfig } from '../../lib/config/load.ts';
import { PRESETS } from '../../lib/config/presets.ts';
import { runProgram } from '../../src/command-line/run-program.ts';
import { parseCommandLine } from './command-line.ts';
import { describeEstimate } from './describe.ts';
import { estimate, type Item, PRICES, seedEstimate } from './estimate.ts';

function print(title: string, items: readonly Item[]): void {
  console.log([`\n${title}`, ...describeEstimate(items)].join('\n'));
}

await runProgram('cost', parseCommandLine, ({ config }) => {
  console.log(`Prices of ${PRICES.date}, ${PRICES.region}, on demand; ~ marks a price that is not confirmed.`);
  if (config) {
    print(config.name, estimate(config));
  } else {
    print("the seed's own machines", seedEstimate());
    for (const preset of Object.keys(PRESETS)) {
      print(preset, estimate(loadConfig({ preset })));
    }
  }
  return Promise.resolve();
});
