/** `npm run cost`: what each preset, or one configuration, costs in a month. */
import { runProgram } from '../../src/command-line/run-program.ts';
import { parseCommandLine } from './command-line.ts';
import { describeEstimate } from './describe.ts';
import { estimate, type Item, seedEstimate } from './estimate.ts';
import { PRICES } from './prices.ts';
import { refreshFile } from './refresh/refresh-file.ts';
import { costReport } from './report.ts';

function print(title: string, items: readonly Item[]): void {
  console.log([`\n${title}`, ...describeEstimate(items)].join('\n'));
}

await runProgram('cost', parseCommandLine, async ({ chosen, withSeed, form }) => {
  if (form === 'refresh') {
    await refreshFile(console.log);
  } else if (form === 'json') {
    console.log(
      JSON.stringify(
        chosen.map(({ preset, config }) => costReport(preset, config)),
        undefined,
        2,
      ),
    );
  } else {
    console.log(`Prices of ${PRICES.region}, on demand; ~ marks one that no public source confirms.`);
    if (withSeed) {
      print("the seed's own machines", seedEstimate());
    }
    for (const { preset, config } of chosen) {
      const { readings_per_s: made, carried_readings_per_s: carried } = costReport(preset, config);
      const load =
        made > 0 ? `: ${made.toLocaleString('en-GB')} readings/s, carries ${carried.toLocaleString('en-GB')}` : '';
      print(`${preset}${load}`, estimate(config));
    }
  }
});
