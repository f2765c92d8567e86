/** `npm start`: the grid on one machine. Exit status: 0 when all counts agree, 1 failure, 2 usage, 130 stopped early. */
import { join } from 'node:path';
import { mustBeWritable, writeOutput } from '../src/files/output-file.ts';
import { openNamed } from '../src/replay/replay-houses.ts';
import { mustHaveSpace, STATE_BYTES } from './disk-space.ts';
import { Grid } from './grid.ts';
import { mustBeUsable } from './marked-folder.ts';
import { parseOptions, type GridOptions } from './options.ts';
import type { Report } from './report/report.ts';
import { describeReport } from './report/describe.ts';
import { GridState } from './view/grid-state.ts';
import { CACHE_DIRECTORY } from './setup/cache.ts';
import { claimStateFolder } from './state.ts';
import { lineView } from './view/lines.ts';
import { liveView } from './view/live.tsx';

const ROOT = join(import.meta.dirname, '..');
const FAILURE = 1;
const INTERRUPTED = 130;

async function main(options: GridOptions, startedMs: number): Promise<number> {
  // What can be known to fail is said before engines are started for it.
  mustBeUsable(ROOT, 'move the clone');
  mustBeUsable(CACHE_DIRECTORY, 'name another cache with IGRID_CACHE');
  mustBeUsable(options.state, 'use another --state');
  // The replay says what there is to say of them.
  await openNamed(options, { warn: () => undefined });
  if (options.report !== undefined) await mustBeWritable(options.report, '--report');
  await claimStateFolder(options.state, options.fresh);
  await mustHaveSpace(options.state, STATE_BYTES, 'use another --state');

  const state = new GridState();
  const grid = new Grid(options, state, startedMs);
  const view = process.stdout.isTTY ? liveView(state) : lineView(state, (line) => console.log(line));
  let interrupts = 0;
  const onSignal = (): void => {
    interrupts += 1;
    if (interrupts === 1)
      state.note('Stopping: no more readings, then the counts are reconciled. Again to stop at once.');
    grid.stop();
    if (interrupts > 1) grid.stopNow();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // The terminal is gone: nobody sees the counts any more, but no process must stay, whatever writing to it gives.
  process.stdout.on('error', () => undefined);
  process.on('SIGHUP', () => {
    grid.stop();
    grid.stopNow();
  });
  let report: Report | undefined;
  try {
    report = await grid.run();
  } finally {
    view.stop();
  }
  if (!report) return INTERRUPTED;
  for (const line of describeReport(report)) console.log(line);
  if (options.report !== undefined) await writeOutput(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
  return report.reconciled ? 0 : FAILURE;
}

const startedMs = Date.now() - Math.round(process.uptime() * 1_000);
const options = parseOptions(process.argv.slice(2));
try {
  process.exitCode = await main(options, startedMs);
} catch (error) {
  console.error(options.verbose || !(error instanceof Error) ? error : error.message);
  process.exitCode = FAILURE;
}
process.exit();
