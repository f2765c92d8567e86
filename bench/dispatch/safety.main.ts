/**
 * Every rule of every plan, over random sequences of events.
 *
 *   npx tsx bench/dispatch/safety.main.ts [RUNS] [SEED]     default: 10,000 runs, a seed of their own
 *
 * A failure prints the seed and the smallest situation that fails. Exit status: 1 after a failure.
 */
import fc from 'fast-check';

import { situations, violationsOf } from './shed-safety.ts';

const [runs = '10000', seed] = process.argv.slice(2);
const details = fc.check(
  fc.property(situations, (situation) => {
    const violations = violationsOf(situation);
    if (violations.length > 0) {
      throw new Error(violations.join('; '));
    }
  }),
  { numRuns: Number(runs), ...(seed !== undefined && { seed: Number(seed) }) },
);
process.stdout.write(
  `${details.numRuns} runs, seed ${details.seed}: ${details.failed ? 'violated' : 'no violation'}\n`,
);
if (details.failed) {
  process.stdout.write(`${fc.defaultReportMessage(details) ?? ''}\n`);
  process.exitCode = 1;
}
