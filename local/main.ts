/** `npm start`: the grid on one machine. Exit status: 0 when all counts agree, 1 failure, 2 usage, 130 stopped early. */
import { parseOptions } from './options.ts';

const FAILURE = 1;
const INTERRUPTED = 130;

const startedMs = Date.now() - Math.round(process.uptime() * 1_000);
const options = parseOptions(process.argv.slice(2));
try {
  // After the options, so that --help and refusals do not wait for all packages to load.
  const { runGrid } = await import('./run-grid.ts');
  const report = await runGrid(options, startedMs);
  process.exitCode = report === undefined ? INTERRUPTED : report.reconciled ? 0 : FAILURE;
} catch (error) {
  console.error(options.verbose || !(error instanceof Error) ? error : error.message);
  process.exitCode = FAILURE;
}
process.exit();
