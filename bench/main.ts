/**
 * `npm run bench [-- CASE... --json FILE]`: how fast each part is, ours beside its peers in the same run, with the CPU
 * time that a million readings cost. Exit status: 1 failure, 2 wrong usage.
 */
import { exists } from '../engines/disk/exists.ts';
import { SetupError } from '../engines/setup/step.ts';
import { killContenders } from '../engines/supervision/process-tree.ts';
import { refuseOptionsOfNpm } from '../src/command-line/npm-options.ts';
import { benchCommand, type BenchOptions, casesOf, WORDS } from './command-line.ts';
import type { BenchCase } from './harness/bench-case.ts';
import { benchHome } from './harness/bench-home.ts';
import { thisMachine } from './harness/machine.ts';
import { measure } from './harness/measure.ts';
import { readResults, ResultsError, withCases, writeResults } from './harness/results.ts';
import { tableOf } from './harness/table.ts';

/** The user wants no more. */
class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

const DEFAULT_ROUNDS = 3;

const command = benchCommand();
refuseOptionsOfNpm(command, 'npm run bench');
command.parse();

/** The same case without its peers. */
function alone(known: BenchCase): BenchCase {
  return { ...known, open: async (bench) => ({ ...(await known.open(bench)), peers: [] }) };
}

async function main(chosen: readonly string[], options: BenchOptions): Promise<void> {
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
  for (const whole of (chosen.length > 0 ? chosen : WORDS).flatMap(casesOf)) {
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
  await main(command.args, command.opts<BenchOptions>());
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
