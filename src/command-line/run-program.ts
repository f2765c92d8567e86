/** How every program of the grid begins and ends. */
import { CommanderError } from 'commander';

import { endWithoutOutput } from './output-errors.ts';

/**
 * Runs a program on the process' arguments and ends the process: exit status 0 when `main` is done (or help was asked
 * for), 1 when it throws, after one line on standard error (with `--verbose` the whole stack), 2 for wrong usage.
 *
 * @param name stands before the line, for logs that several programs share.
 * @param parse understands the arguments after the program's name; throws CommanderError after printing why it can't.
 */
export async function runProgram<Settings>(
  name: string,
  parse: (args: readonly string[]) => Settings,
  main: (settings: Settings) => Promise<void>,
): Promise<void> {
  const args = process.argv.slice(2);
  endWithoutOutput(name);
  try {
    await main(parse(args));
    process.exitCode ??= 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      process.stderr.write(`${name}: ${args.includes('--verbose') ? stackOf(error) : lineOf(error)}\n`);
      process.exitCode = 1;
    }
  }
  // The Kafka client may be in the middle of an attempt that nothing waits for; standard output may be a slow pipe.
  if (process.stdout.writable) {
    process.stdout.write('', () => process.exit());
  }
  // That it can't be written to is told in this turn of the event loop.
  else {
    setImmediate(() => process.exit());
  }
}

function lineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, '; ');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
