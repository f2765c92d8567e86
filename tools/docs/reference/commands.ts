/** docs/reference/commands.md: every command with its arguments and options, from its commander definition. */
import type { Argument, Command, Option } from 'commander';

import { benchCommand } from '../../../bench/command-line.ts';
import { startCommand } from '../../../local/options.ts';
import { stormCommand } from '../../../local/storm/command-line.ts';
import { rehearseCommand } from '../../../rehearsal/command-line.ts';
import { canaryCommand } from '../../../src/canary/command-line.ts';
import { repositoryPath } from '../../../src/files/repository.ts';
import { historyCommand } from '../../../src/history/command-line.ts';
import { replayCommand } from '../../../src/replay/command-line.ts';
import { costCommand } from '../../cost/command-line.ts';
import { cdkCommand } from '../../deployment/selection.ts';
import { inspectCommand } from '../../inspect/command-line.ts';
import { scanCommand } from '../../scan/command-line.ts';
import { sizeCommand } from '../../size/command-line.ts';
import { code, GENERATED, table } from './markdown.ts';

/** By npm script, in the order of the page. */
export const COMMANDS: Readonly<Record<string, () => Command>> = {
  start: startCommand,
  storm: stormCommand,
  inspect: inspectCommand,
  replay: replayCommand,
  history: historyCommand,
  canary: canaryCommand,
  size: sizeCommand,
  cost: costCommand,
  deploy: () => cdkCommand('deploy'),
  destroy: () => cdkCommand('destroy'),
  scan: scanCommand,
  rehearse: () => rehearseCommand(['docs/project/rehearsal.md names them']),
  bench: benchCommand,
};

const INTRODUCTION = `# Commands

${GENERATED}

npm keeps options that stand before \` -- \` for itself: write \`npm run size -- --appliances 1000\`. Durations are a number with a unit:
\`500ms\`, \`90s\`, \`5m\`, \`1h\`, \`5d\`. All commands print their options with \`--help\`. Exit status: 0 success, 1 failure, 2 wrong usage. Scripts
for development, such as \`npm test\`, are in [CONTRIBUTING.md](../../CONTRIBUTING.md#commands).`;

export function commandsPage(): string {
  const sections = Object.entries(COMMANDS).map(([script, make]) => sectionOf(script, make()));
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function sectionOf(script: string, command: Command): string {
  const run = ['start', 'test'].includes(script) ? `npm ${script}` : `npm run ${script}`;
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)];
  return [`## \`${run}\``, command.description(), table(['option', 'what', 'default', 'allowed'], rows)].join('\n\n');
}

function argumentRow(argument: Argument): string[] {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return [
    code(argument.required ? `<${name}>` : `[${name}]`),
    argument.description,
    argument.required ? 'required' : '',
    '',
  ];
}

function optionRow(option: Option): string[] {
  return [
    code(option.flags),
    option.description,
    option.mandatory ? 'required' : defaultOf(option),
    option.argChoices?.map(code).join(', ') ?? '',
  ];
}

/** Nothing for an option that is off, or that has no default of its own: then its description says what holds. */
function defaultOf({ defaultValue, defaultValueDescription, flags }: Option): string {
  const value: unknown = defaultValue;
  if (defaultValueDescription !== undefined) {
    return defaultValueDescription;
  }
  if (typeof value === 'number') {
    return flags.includes('<duration>') ? `${value.toLocaleString('en-GB')} ms` : code(String(value));
  }
  return typeof value === 'string' ? code(value.replace(repositoryPath(), '')) : '';
}
