/**
 * `npm run storm`: the grid on one machine, with a process killed, stopped or restarted every few seconds, and the counts
 * afterwards. Exit status: 0 when all counts agree and every process recovered, 1 otherwise, 2 usage, 130 stopped early.
 */
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { repositoryPath } from '../../src/files/repository.ts';
import { OPTIONAL_PARTS, parseOptions } from '../options.ts';
import { PROCESSES_OF } from '../run/optional-services.ts';
import { runGrid } from '../run-grid.ts';
import { stormCommand } from './command-line.ts';
import { Storm } from './storm.ts';
import { stormTable } from './table.ts';

const STATE = repositoryPath('.igrid/storm');
const MOST_SEEDS = 2 ** 31;

const startedMs = Date.now() - Math.round(process.uptime() * 1_000);
const command = stormCommand();
refuseOptionsOfNpm(command, 'npm run storm');
command.parse();
const {
  for: length,
  every,
  seed = startedMs % MOST_SEEDS,
} = command.opts<{ for: string; every: number; seed?: number }>();
const options = parseOptions(['--state', STATE, '--fresh', ...command.args, '--for', length]);
const later = OPTIONAL_PARTS.filter((part) => !options.without.has(part)).flatMap((part) => PROCESSES_OF[part]);
const storms: Storm[] = [];
try {
  console.log(`storm: seed ${seed}, for ${length}, a fault every ${every / 1_000} s`);
  const report = await runGrid(options, startedMs, (note) => {
    const storm = new Storm({ everyMs: every, seed, later, note });
    storms.push(storm);
    return storm;
  });
  const incidents = storms.flatMap((storm) => storm.incidents);
  const isRecovered = incidents.every(({ recoveredMs }) => recoveredMs !== undefined);
  if (report) {
    console.log(`\nStorm of seed ${seed}: ${incidents.length} faults`);
    for (const line of stormTable(incidents)) {
      console.log(line);
    }
  }
  process.exitCode = report === undefined ? 130 : report.reconciled && isRecovered ? 0 : 1;
} catch (error) {
  console.error(options.verbose || !(error instanceof Error) ? error : error.message);
  process.exitCode = 1;
}
process.exit();
