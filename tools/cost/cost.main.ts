/** `npm run cost`: what each preset, or one configuration, costs in a month. */
import { Command } from 'commander';

import { loadConfig } from '../../lib/config/load.ts';
import { PRESETS } from '../../lib/config/presets.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { runProgram } from '../../src/command-line/run-program.ts';
import { addSelection, selected } from '../deployment/selection.ts';
import { describeEstimate } from './describe.ts';
import { estimate, type Item, PRICES, seedEstimate } from './estimate.ts';
import { costDocument } from './table.ts';

interface Settings {
  /** Absent: every preset beside the seed's machines. */
  readonly config: GridConfig | undefined;
  readonly document: boolean;
}

function parse(args: readonly string[]): Settings {
  const command = addSelection(new Command('cost'))
    .description('Estimates the monthly price of a deployment, or of every preset beside the machines of the seed.')
    .option('--document', 'docs/operate/cost.md, complete', false)
    .allowExcessArguments(false);
  refuseOptionsOfNpm(command, 'npm run cost');
  command.parse([...args], { from: 'user' });
  const isChosen = ['preset', 'config'].some((option) => command.getOptionValueSource(option) === 'cli');
  return { config: isChosen ? selected(command) : undefined, document: command.opts<{ document: boolean }>().document };
}

function print(title: string, items: readonly Item[]): void {
  console.log([`\n${title}`, ...describeEstimate(items)].join('\n'));
}

await runProgram('cost', parse, ({ config, document }) => {
  if (document) {
    process.stdout.write(costDocument());
    return Promise.resolve();
  }
  console.log(`Prices of ${PRICES.date}, ${PRICES.region}, on demand; ~ marks a price that nobody has checked.`);
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
