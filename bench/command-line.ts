import { Command, InvalidArgumentError, Option } from 'commander';

import { duration, wholeNumber } from '../src/command-line/option-parsers.ts';
import { CASES } from './cases.ts';
import type { BenchCase } from './harness/bench-case.ts';

export interface BenchOptions {
  readonly json?: string;
  readonly rounds?: number;
  readonly scale: number;
  readonly for?: number;
  readonly alone?: true;
}

/** Words for what can be measured. */
export const WORDS = Object.keys(CASES);

/** What `npm run bench` takes. */
export function benchCommand(): Command {
  return new Command('npm run bench --')
    .description('Measures the parts of the grid with real engines on this machine.')
    .argument(
      '[cases...]',
      `what to measure: ${WORDS.join(', ')}, or a single case by the name that the results give it; all without a word`,
      knownCase,
      [],
    )
    .option('--json <file>', 'adds the results to this file, in place of those of the same cases')
    .option('--rounds <number>', 'how often the contenders of a case take turns (3)', wholeNumber(1))
    .option('--scale <factor>', 'multiplies the amounts of work, for a quick look', positive, 1)
    .option('--for <duration>', 'how long cases that measure over time do so, e.g. 10m', duration)
    .addOption(
      new Option(
        '--alone',
        'leaves out what each case is compared with: a figure for --for, not one to quote',
      ).conflicts('json'),
    )
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

function knownCase(word: string, before: readonly string[]): string[] {
  if (casesOf(word).length === 0) {
    throw new InvalidArgumentError(`There is ${WORDS.join(', ')}.`);
  }
  return [...before, word];
}

/** The cases of a word, or the one case of a name; empty for another word. */
export function casesOf(word: string): readonly BenchCase[] {
  return CASES[word] ?? Object.values(CASES).flatMap((cases) => cases.filter(({ name }) => name === word));
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100)) {
    throw new InvalidArgumentError('It must be a number above 0, at most 100.');
  }
  return value;
}
