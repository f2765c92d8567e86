/** `npm run cost`: what each preset, or one configuration, costs in a month. */
import { Command } from 'commander';

import { loadConfig } from '../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../lib/config/presets.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { runProgram } from '../../src/command-line/run-program.ts';
import { addSelection, selected } from '../deployment/selection.ts';
import { describeEstimate } from './describe.ts';
import { estimate, type Item, seedEstimate } from './estimate.ts';
import { PRICES } from './prices.ts';
import { refreshFile } from './refresh/refresh-file.ts';
import { costReport } from './report.ts';
import { costDocument } from './table.ts';

interface Settings {
  /** What is asked for: the presets, or one configuration. */
  readonly chosen: readonly { readonly preset: string; readonly config: GridConfig }[];
  /** Whether the seed's own machines stand beside them. */
  readonly withSeed: boolean;
  readonly form: 'text' | 'json' | 'document' | 'refresh';
}

interface Options {
  readonly preset: string;
  readonly json: boolean;
  readonly document: boolean;
  readonly refresh: boolean;
}

function parse(args: readonly string[]): Settings {
  const command = addSelection(new Command('cost'))
    .description('Estimates the monthly price of a deployment, or of every preset beside the machines of the seed.')
    .option('--json', 'a list with preset, readings_per_s, carried_readings_per_s, total_usd and lines', false)
    .option('--document', 'docs/operate/cost.md, complete', false)
    .option('--refresh', "reads AWS' price list and writes tools/cost/prices.json", false)
    .allowExcessArguments(false);
  refuseOptionsOfNpm(command, 'npm run cost');
  command.parse([...args], { from: 'user' });
  const { preset, json, document, refresh } = command.opts<Options>();
  const isChosen = ['preset', 'config'].some((option) => command.getOptionValueSource(option) === 'cli');
  return {
    chosen: isChosen
      ? [{ preset, config: selected(command) }]
      : (Object.keys(PRESETS) as PresetName[]).map((name) => ({ preset: name, config: loadConfig({ preset: name }) })),
    withSeed: !isChosen,
    form: refresh ? 'refresh' : json ? 'json' : document ? 'document' : 'text',
  };
}

function print(title: string, items: readonly Item[]): void {
  console.log([`\n${title}`, ...describeEstimate(items)].join('\n'));
}

await runProgram('cost', parse, async ({ chosen, withSeed, form }) => {
  if (form === 'refresh') {
    await refreshFile(console.log);
    return;
  }
  if (form === 'document') {
    process.stdout.write(costDocument());
  } else if (form === 'json') {
    console.log(
      JSON.stringify(
        chosen.map(({ preset, config }) => costReport(preset, config)),
        undefined,
        2,
      ),
    );
  } else {
    console.log(`Prices of ${PRICES.region}, on demand; ~ marks one that no public source confirms.`);
    if (withSeed) {
      print("the seed's own machines", seedEstimate());
    }
    for (const { preset, config } of chosen) {
      const { readings_per_s: made, carried_readings_per_s: carried } = costReport(preset, config);
      const load =
        made > 0 ? `: ${made.toLocaleString('en-GB')} readings/s, carries ${carried.toLocaleString('en-GB')}` : '';
      print(`${preset}${load}`, estimate(config));
    }
  }
});
