import { Command } from 'commander';

import type { GridConfig } from '../../lib/config/schema.ts';
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { addSelection, selected } from '../deployment/selection.ts';

interface Settings {
  /** Absent: every preset beside the seed's machines. */
  readonly config: GridConfig | undefined;
}

/** What `npm run cost` takes. */
export function costCommand(): Command {
  return addSelection(new Command('cost'))
    .description('Estimates the monthly price of a deployment, or of every preset beside the machines of the seed.')
    .allowExcessArguments(false);
}

/** @throws CommanderError after printing what is wrong. */
export function parseCommandLine(args: readonly string[]): Settings {
  const command = costCommand();
  refuseOptionsOfNpm(command, 'npm run cost');
  command.parse([...args], { from: 'user' });
  const isChosen = ['preset', 'config'].some((option) => command.getOptionValueSource(option) === 'cli');
  return { config: isChosen ? selected(command) : undefined };
}
