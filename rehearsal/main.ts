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
import { parseCommandLine } from './command-line.ts';
import { leftOnComputer } from './leftovers.ts';
import { type Outcome, ProofError, runProofs, selectProofs } from './proof.ts';
import { PROOFS, SHORT_PROOFS } from './proofs.ts';
import { problems, thisComputer } from './requirements.ts';
import { Stage } from './stage.ts';

const options = parseCommandLine(
  process.argv.slice(2),
  PROOFS.map(({ name }) => name),
);
const print = (line: string): void => console.log(line);

function printOutcome({ verdict, seconds, name, claim, detail }: Outcome): void {
  print(`${verdict.padEnd(8)}${`${seconds.toFixed(1)} s`.padStart(9)}  ${name}: ${claim} (${detail})`);
}

async function rehearse(stop: AbortController): Promise<boolean> {
  const proofs = selectProofs(options.short ? SHORT_PROOFS : PROOFS, options.only, options.repeat);
  const found = await problems(thisComputer());
  if (found.length > 0) {
    found.forEach((problem) => console.error(problem));
    return false;
  }
  const state = resolve(options.state);
  const startedMs = Date.now();
  // In the long form a day of grid time passes, which history needs.
  const stage = new Stage(state, options.short ? DEFAULT_SPEED : SPEED_RANGE.max, print);
  const grid = new GridState();
  const view = lineView(grid, print);
  const outcomes: Outcome[] = [];
  try {
    await stage.setUp((steps) => grid.update({ setUp: steps }), stop.signal).finally(() => view.stop());
    print(`ready     ${((Date.now() - startedMs) / 1_000).toFixed(0)} s  emulated AWS, logs in ${stage.logs}`);
    outcomes.push(...(await runProofs(proofs, stage, stop.signal, printOutcome)));
    if (options.keep && !stop.signal.aborted) {
      print('Everything stays up until Ctrl-C.');
      await new Promise((stopped) => stop.signal.addEventListener('abort', stopped));
    }
  } finally {
    await stage.tearDown();
  }
  const left = await leftOnComputer(state);
  const clean: Outcome = {
    name: 'clean',
    claim: 'nothing of the rehearsal is left on this computer',
    verdict: left.length === 0 ? 'proven' : 'failed',
    detail: left.length === 0 ? 'no process, mount, interface, loop device or control group' : left.join(', '),
    seconds: 0,
  };
  outcomes.push(clean);
  printOutcome(clean);
  const passed = outcomes.every(({ verdict }) => verdict === 'proven');
  if (options.report !== undefined) {
    const report = { passed, seconds: Math.round((Date.now() - startedMs) / 1_000), proofs: outcomes };
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
  if (error instanceof ProofError) {
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
