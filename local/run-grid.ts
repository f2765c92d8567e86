import { mustHaveSpace, STATE_BYTES } from '../engines/disk/disk-space.ts';
import { mustBeUsable } from '../engines/disk/marked-folder.ts';
import { CACHE_DIRECTORY } from '../engines/setup/cache.ts';
import { onOutputLost } from '../src/command-line/output-errors.ts';
import { mustBeWritable, writeOutput } from '../src/files/output-file.ts';
import { repositoryPath } from '../src/files/repository.ts';
import { openNamed } from '../src/replay/replay-houses.ts';
import type { Disturbance } from './grid.ts';
import type { GridOptions } from './options.ts';
import { describeReport } from './report/describe.ts';
import type { Report } from './report/report.ts';
import { claimStateFolder } from './state.ts';

const ROOT = repositoryPath();

/**
 * Runs the grid in this process as a program: shows it, obeys signals, prints and writes the report.
 *
 * @param startedMs when the command was typed, ms since the epoch.
 * @param disturb makes what happens to the grid while it is live, told whom to tell. Default: nothing.
 * @returns the report, or undefined when it was stopped before it was live.
 * @throws Error whose message is one line for the user.
 */
export async function runGrid(
  options: GridOptions,
  startedMs: number,
  disturb?: (note: (sentence: string) => void) => Disturbance,
): Promise<Report | undefined> {
  // What can be known to fail is said before engines are started for it.
  mustBeUsable(ROOT, 'move the clone');
  mustBeUsable(CACHE_DIRECTORY, 'name another cache with IGRID_CACHE');
  mustBeUsable(options.state, 'use another --state');
  // The replay says what there is to say of them.
  await openNamed(options, { warn: () => undefined });
  if (options.report !== undefined) {
    await mustBeWritable(options.report, '--report');
  }
  await claimStateFolder(options.state, options.fresh);
  await mustHaveSpace(options.state, STATE_BYTES, 'use another --state');

  const { Grid, GridState, lineView, liveView } = await loadGrid();
  const state = new GridState();
  const grid = new Grid(
    options,
    state,
    startedMs,
    disturb?.((sentence) => state.note(sentence)),
  );
  const view = process.stdout.isTTY ? liveView(state) : lineView(state, (line) => console.log(line));
  let interrupts = 0;
  const onSignal = (): void => {
    interrupts += 1;
    if (interrupts === 1) {
      state.note('Stopping: no more readings, then the counts are reconciled. Again to stop at once.');
    }
    grid.stop();
    if (interrupts > 1) {
      grid.stopNow();
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // No one sees the counts any more, but no process must stay, and the report may be wanted.
  onOutputLost(() => grid.stop());
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
  if (!report) {
    return undefined;
  }
  for (const line of describeReport(report)) {
    console.log(line);
  }
  if (options.report !== undefined) {
    await writeOutput(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  return report;
}

/** What takes a second to load. */
async function loadGrid() {
  const [grid, state, lines, live] = await Promise.all([
    import('./grid.ts'),
    import('../engines/view/grid-state.ts'),
    import('../engines/view/lines.ts'),
    import('../engines/view/live.tsx'),
  ]);
  return { Grid: grid.Grid, GridState: state.GridState, lineView: lines.lineView, liveView: live.liveView };
}
