/** `npm run shed`: sheds load on a feeder, by a dispatcher that runs. Exit status: 1 failure, 2 wrong usage. */
import { runProgram } from '../../command-line/run-program.ts';
import { parseCommandLine } from './command-line.ts';
import { runShed } from './run.ts';

await runProgram('shed', parseCommandLine, (settings) =>
  runShed(settings, (text) => process.stdout.write(`${text}\n`)),
);
