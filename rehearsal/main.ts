/**
 * The dress rehearsal: the deployment to AWS on this computer, hosts that boot and all.
 *
 *   npm run rehearse [-- --short | --only STEP...]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { FolderError } from '../engines/disk/marked-folder.ts';
import { SetupError } from '../engines/setup/step.ts';
import { SupervisionError } from '../engines/supervision/supervision-error.ts';
import { GridState } from '../engines/view/grid-state.ts';
import { lineView } from '../engines/view/lines.ts';
import { DEFAULT_SPEED, SPEED_RANGE } from '../src/core/clock/grid-clock.ts';
import { CheckError, type Outcome, runChecks, selectChecks } from './check.ts';
import { CHECKS, SHORT_CHECKS } from './checks.ts';
import { parseCommandLine } from './command-line.ts';
import { Environment } from './environment.ts';
import { leftOnComputer } from './leftovers.ts';
import { problems, thisComputer } from './requirements.ts';

const options = parseCommandLine(
  process.argv.slice(2),
  CHECKS.map(({ name }) => name),
);
const print = (line: string): void => console.log(line);

function printOutcome({ verdict, seconds, name, expectation, detail }: Outcome): void {
  print(`${verdict.padEnd(8)}${`${seconds.toFixed(1)} s`.padStart(9)}  ${name}: ${expectation} (${detail})`);
}

async function rehearse(stop: AbortController): Promise<boolean> {
  const checks = selectChecks(options.short ? SHORT_CHECKS : CHECKS, options.only, options.repeat);
  const found = await problems(thisComputer());
  if (found.length > 0) {
    found.forEach((problem) => console.error(problem));
    return false;
  }
  const state = resolve(options.state);
  const startedMs = Date.now();
  // In the long form a day of grid time passes, which history needs.
  const environment = new Environment(state, options.short ? DEFAULT_SPEED : SPEED_RANGE.max, print);
  const grid = new GridState();
  const view = lineView(grid, print);
  const outcomes: Outcome[] = [];
  try {
    await environment.setUp((steps) => grid.update({ setUp: steps }), stop.signal).finally(() => view.stop());
    print(`ready     ${((Date.now() - startedMs) / 1_000).toFixed(0)} s  emulated AWS, logs in ${environment.logs}`);
    outcomes.push(...(await runChecks(checks, environment, stop.signal, printOutcome)));
    if (options.keep && !stop.signal.aborted) {
      print('Everything stays up until Ctrl-C.');
      await new Promise((stopped) => stop.signal.addEventListener('abort', stopped));
    }
  } finally {
    await environment.tearDown();
  }
  const left = await leftOnComputer(state);
  const clean: Outcome = {
    name: 'clean',
    expectation: 'nothing of the rehearsal is left on this computer',
    verdict: left.length === 0 ? 'passed' : 'failed',
    detail: left.length === 0 ? 'no process, mount, interface, loop device or control group' : left.join(', '),
    seconds: 0,
  };
  outcomes.push(clean);
  printOutcome(clean);
  const passed = outcomes.every(({ verdict }) => verdict === 'passed');
  if (options.report !== undefined) {
    const report = { passed, seconds: Math.round((Date.now() - startedMs) / 1_000), checks: outcomes };
    await mkdir(dirname(resolve(options.report)), { recursive: true });
    await writeFile(options.report, `${JSON.stringify(report, null, 2)}\n`);
  }
  return passed;
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!stop.signal.aborted) {
      print('Stopping and cleaning up ...');
    }
    stop.abort();
  });
}
try {
  process.exitCode = (await rehearse(stop)) ? 0 : 1;
} catch (error) {
  if (error instanceof CheckError) {
    console.error(`rehearse: ${error.message}`);
    process.exitCode = 2;
  } else if (
    stop.signal.aborted ||
    error instanceof SetupError ||
    error instanceof FolderError ||
    error instanceof SupervisionError
  ) {
    console.error(`rehearse: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
process.exit();
