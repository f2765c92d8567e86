import { Command } from 'commander';

import { loadConfig } from '../../lib/config/load.ts';
import { type PresetName, PRESETS } from '../../lib/config/presets.ts';
import type { GridConfig } from '../../lib/config/schema.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { addSelection, selected, type Selection } from '../deployment/selection.ts';

interface Settings {
  /** What is asked for: the presets, or one configuration. */
  readonly chosen: readonly { readonly preset: string; readonly config: GridConfig }[];
  /** Whether the seed's own machines are shown beside them. */
  readonly withSeed: boolean;
  readonly form: 'text' | 'json' | 'refresh';
}

interface Options extends Selection {
  readonly json: boolean;
  readonly refresh: boolean;
}

/** What `npm run cost` takes. */
export function costCommand(): Command {
  return addSelection(new Command('cost'))
    .description('Estimates the monthly price of a deployment, or of every preset beside the machines of the seed.')
    .option('--json', 'a list with preset, readings_per_s, carried_readings_per_s, total_usd and lines', false)
    .option('--refresh', "reads AWS' price list and writes tools/cost/prices.json", false)
    .allowExcessArguments(false);
}

/** @throws CommanderError after printing what is wrong. */
export function parseCommandLine(args: readonly string[]): Settings {
  const command = costCommand();
  refuseOptionsOfNpm(command, 'npm run cost');
  command.parse([...args], { from: 'user' });
  const { preset, json, refresh } = command.opts<Options>();
  const isChosen = ['preset', 'config'].some((option) => command.getOptionValueSource(option) === 'cli');
  return {
    chosen: isChosen
      ? [{ preset, config: selected(command) }]
      : (Object.keys(PRESETS) as PresetName[]).map((name) => ({ preset: name, config: loadConfig({ preset: name }) })),
    withSeed: !isChosen,
    form: refresh ? 'refresh' : json ? 'json' : 'text',
  };
}
