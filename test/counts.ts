import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

/** How many tests a runner has run. */
export interface Counts {
  readonly passed: number;
  readonly failures: number;
  readonly skipped: number;
}

const jestResult = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numFailedTestSuites: z.int(),
});

/** Of jest's `--json --outputFile`. A suite that could not be run counts as a failure. */
export async function jestCounts(file: string): Promise<Counts> {
  const result = jestResult.parse(JSON.parse(await readFile(file, 'utf8')));
  return {
    passed: result.numPassedTests,
    failures: Math.max(result.numFailedTests, result.numFailedTestSuites),
    skipped: result.numPendingTests,
  };
}

/** Of a JUnit report: pytest's, or each of surefire's in a folder. */
export async function junitCounts(path: string): Promise<Counts> {
  const names = await readdir(path).catch(() => undefined);
  const files = names?.filter((name) => name.endsWith('.xml')).map((name) => join(path, name)) ?? [path];
  const reports = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const suites = reports.flatMap((report) => [...report.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => tag));
  const total = (attribute: string): number =>
    suites.reduce((sum, tag) => sum + Number(new RegExp(`\\s${attribute}="(\\d+)"`).exec(tag)?.[1] ?? 0), 0);
  const [tests, failures, skipped] = [total('tests'), total('failures') + total('errors'), total('skipped')];
  return { passed: tests - failures - skipped, failures, skipped };
}

const rehearsalReport = z.object({
  proofs: z.array(z.object({ verdict: z.enum(['proven', 'failed', 'skipped']) })),
});

/** Of a rehearsal's `--report`: a proof counts as a test. */
export async function rehearsalCounts(file: string): Promise<Counts> {
  const { proofs } = rehearsalReport.parse(JSON.parse(await readFile(file, 'utf8')));
  const of = (wanted: string): number => proofs.filter(({ verdict }) => verdict === wanted).length;
  return { passed: of('proven'), failures: of('failed'), skipped: of('skipped') };
}
