/**
 * `npm run bench [-- CASE... --json FILE]`: how fast each part is, ours beside its peers in the same run, with the CPU
 * time that a million readings cost. Exit status: 1 failure, 2 wrong usage.
 */
import { Command, InvalidArgumentError, Option } from 'commander';

import { exists } from '../engines/disk/exists.ts';
import { SetupError } from '../engines/setup/step.ts';
import { killContenders } from '../engines/supervision/process-tree.ts';
import { refuseOptionsOfNpm } from '../src/command-line/npm-options.ts';
import { duration, wholeNumber } from '../src/command-line/option-parsers.ts';
import { CASES } from './cases.ts';
import type { BenchCase } from './frame/bench-case.ts';
import { benchHome } from './frame/bench-home.ts';
import { thisMachine } from './frame/machine.ts';
import { measure } from './frame/measure.ts';
import { readResults, ResultsError, withCases, writeResults } from './frame/results.ts';
import { tableOf } from './frame/table.ts';

interface Options {
  readonly json?: string;
  readonly rounds?: number;
  readonly scale: number;
  readonly for?: number;
  readonly alone?: true;
}

/** The user wants no more. */
class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

const DEFAULT_ROUNDS = 3;

const words = Object.keys(CASES);
const command = new Command('npm run bench --')
  .description('Measures the parts of the grid with real engines on this machine.')
  .argument(
    '[cases...]',
    `what to measure: ${words.join(', ')}, or a single case by the name that the results give it; all without a word`,
    knownCase,
    [],
  )
  .option('--json <file>', 'adds the results to this file, in place of those of the same cases')
  .option('--rounds <number>', 'how often the contenders of a case take turns (3)', wholeNumber(1))
  .option('--scale <factor>', 'multiplies the amounts of work, for a quick look', positive, 1)
  .option('--for <duration>', 'how long cases that measure over time do so, e.g. 10m', duration)
  .addOption(
    new Option('--alone', 'leaves out what each case is compared with: a figure for --for, not one to quote').conflicts(
      'json',
    ),
  )
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
refuseOptionsOfNpm(command, 'npm run bench');
command.parse();

function knownCase(word: string, before: readonly string[]): string[] {
  if (casesOf(word).length === 0) {
    throw new InvalidArgumentError(`There is ${words.join(', ')}.`);
  }
  return [...before, word];
}

function casesOf(word: string): readonly BenchCase[] {
  return CASES[word] ?? Object.values(CASES).flatMap((cases) => cases.filter(({ name }) => name === word));
}

/** The same case without its peers. */
function alone(known: BenchCase): BenchCase {
  return { ...known, open: async (bench) => ({ ...(await known.open(bench)), peers: [] }) };
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100)) {
    throw new InvalidArgumentError('It must be a number above 0, at most 100.');
  }
  return value;
}

async function main(chosen: readonly string[], options: Options): Promise<void> {
  const { json, rounds, scale } = options;
  // Read before anything is measured: a file that can't be added to must not cost half an hour.
  const machine = thisMachine();
  if (json !== undefined && (await exists(json))) {
    withCases(await readResults(json), { machine, cases: [] });
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stop.abort(new StoppedError(`stopped by ${signal}`));
      void killContenders();
    });
  }
  const withBench = await benchHome({
    scale,
    forMs: options.for,
    signal: stop.signal,
    note: (line) => console.error(line),
  });
  for (const whole of (chosen.length > 0 ? chosen : words).flatMap(casesOf)) {
    const benchCase = options.alone ? alone(whole) : whole;
    console.error(`${benchCase.name}: ${benchCase.title}`);
    const result = await withBench((bench) => measure(bench, benchCase, rounds ?? benchCase.rounds ?? DEFAULT_ROUNDS));
    console.log(`\n${result.name}: ${result.title}`);
    console.table(tableOf(result));
    if (json === undefined) {
      continue;
    }
    const known = (await exists(json)) ? await readResults(json) : undefined;
    await writeResults(json, withCases(known, { machine, cases: [result] }));
  }
}

try {
  await main(command.args, command.opts<Options>());
  process.exitCode = 0;
} catch (error) {
  const isExpected = [ResultsError, SetupError, StoppedError].some((kind) => error instanceof kind);
  console.error(`bench: ${describe(error, isExpected)}`);
  process.exitCode = error instanceof ResultsError ? 2 : 1;
  // One that was about to start when it was stopped, or that still runs after another failure.
  await killContenders();
}

function describe(error: unknown, isExpected: boolean): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return (isExpected ? undefined : error.stack) ?? error.message;
}
