/** `npm run inspect -- DIR`: what is in a data set. Exit status: 1 failure, 2 wrong usage. */
import { refuseOptionsOfNpm } from '../../src/command-line/npm-options.ts';
import { messageOf } from '../../src/datasets/data-set/errors.ts';
import { openDataSet } from '../../src/datasets/open.ts';
import { inspectCommand, type InspectOptions } from './command-line.ts';
import { inspect, toJson } from './inspect.ts';
import { toText } from './inspection-text.ts';

async function run(directory: string, { json, maxPower, timezone }: InspectOptions): Promise<void> {
  const dataSet = await openDataSet(directory, { maxPowerW: maxPower, timeZone: timezone });
  const inspection = await inspect(dataSet, (house) => {
    if (process.stderr.isTTY) {
      process.stderr.write(`reading house ${house.id} of ${directory} ...\n`);
    }
  });
  process.stdout.write(`${json ? JSON.stringify(toJson(inspection), undefined, 2) : toText(inspection)}\n`);
}

const command = inspectCommand().action(async (directory: string, options: InspectOptions) => {
  try {
    await run(directory, options);
  } catch (error) {
    process.stderr.write(`inspect: ${options.verbose && error instanceof Error ? error.stack : messageOf(error)}\n`);
    process.exitCode = 1;
  }
});
refuseOptionsOfNpm(command, 'npm run inspect');
await command.parseAsync();
