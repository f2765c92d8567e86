/**
 * `npm test`: everything that CI runs, in one go on a fresh machine.
 *
 * Runs every check even when one has failed, and ends with a line that says how many tests passed. Checks that are no
 * tests (a linter, the type checker) count as one each.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command } from 'commander';
import { execa } from 'execa';

import { thisComputer } from '../rehearsal/requirements.ts';
import { refuseOptionsOfNpm } from '../src/command-line/npm-options.ts';
import { type Check, checks } from './checks.ts';
import type { Counts } from './counts.ts';
import { installPackages, mayMakeNamespaces, type Plan, planRehearsal, rehearsalCheck } from './rehearse.ts';
import { setUpForTests } from './support/set-up.ts';

const command = new Command('npm test --')
  .description('Runs everything that CI runs.')
  .option('--only <words...>', 'only checks whose title holds one of these words')
  .option(
    '--rehearse',
    'rehearses the deployment, too, in its short form, as CI=true does: needs Linux and root',
    false,
  )
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
refuseOptionsOfNpm(command, 'npm test');
const { only, rehearse } = command.parse().opts<{ only?: string[]; rehearse: boolean }>();
// Checks read and write below the project, wherever the user stands.
process.chdir(join(import.meta.dirname, '..'));

/** So many failures of a check are named at the end. */
const REASONS = 5;

interface Outcome {
  readonly title: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed and why, one line each. */
  readonly reasons: readonly string[];
  readonly seconds: number;
}

async function run(check: Check, results: string): Promise<Outcome> {
  const startedMs = Date.now();
  console.log(`\n== ${check.title}`);
  const resultFile = join(results, 'result');
  await rm(resultFile, { force: true, recursive: true });
  const { command, args, env = {} } = check.command(resultFile);
  const { failed } = await execa(command, args, {
    reject: false,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env },
  });
  const seconds = (Date.now() - startedMs) / 1_000;
  const counted = check.count && (await check.count(resultFile).catch(() => undefined));
  const { passed, failures, skipped, reasons }: Counts = counted ?? {
    passed: failed ? 0 : 1,
    failures: failed ? 1 : 0,
    skipped: 0,
    reasons: [],
  };
  // A runner that fails without naming a test (it crashed, or found none) is a failure all the same.
  return { title: check.title, passed, failed: failed ? Math.max(1, failures) : failures, skipped, reasons, seconds };
}

const isWanted = ({ title }: Check): boolean =>
  !only || only.some((word) => title.toLowerCase().includes(word.toLowerCase()));

const isCi = process.env.CI === 'true' && isWanted(rehearsalCheck);
let plan: Plan = await planRehearsal({ ...thisComputer(), mayMakeNamespaces }, rehearse, isCi);
if (plan.does === 'rehearse' && plan.install.length > 0) {
  console.log(`Installing what the rehearsal needs: ${plan.install.join(' ')}`);
  if (!(await installPackages(plan.install))) {
    plan = { does: rehearse ? 'fail' : 'skip', why: `Debian's archive gave no ${plan.install.join(', ')}: see above` };
  }
}
if (plan.does === 'fail') {
  // Before an hour of other checks.
  console.error(`--rehearse: ${plan.why}`);
  process.exit(1);
}

const homes = await setUpForTests((line) => console.log(line));
const results = await mkdtemp(join(tmpdir(), 'igrid-test-'));
const outcomes: Outcome[] = [];
try {
  const wanted = checks(homes, join(results, 'shared')).filter(isWanted);
  if (plan.does === 'rehearse') {
    wanted.push(rehearsalCheck);
  }
  for (const check of wanted) {
    outcomes.push(await run(check, results));
  }
} finally {
  await rm(results, { recursive: true });
}

console.log('\n== Summary');
for (const { title, passed, failed, skipped, seconds } of outcomes) {
  const verdict = failed > 0 ? 'FAILED' : 'ok';
  const more = skipped > 0 ? `, ${skipped} skipped` : '';
  console.log(`${verdict.padEnd(8)}${title.padEnd(46)}${`${passed} passed${more}`.padEnd(24)}${seconds.toFixed(0)} s`);
}
if (plan.does === 'skip') {
  console.log(`${'skipped'.padEnd(8)}${rehearsalCheck.title.padEnd(46)}${plan.why}`);
}
// Last, because services that run this often show only the end of what it prints.
for (const { title, failed, reasons } of outcomes.filter((outcome) => outcome.failed > 0)) {
  const shown = reasons.slice(0, REASONS);
  shown.forEach((reason) => console.log(`FAILED  ${title}: ${reason}`));
  if (failed > shown.length) {
    console.log(`FAILED  ${title}: ${shown.length === 0 ? '' : `${failed - shown.length} more, `}see above`);
  }
}
const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
console.log(`${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`);
process.exit(outcomes.length > 0 && outcomes.every(({ failed }) => failed === 0) ? 0 : 1);
