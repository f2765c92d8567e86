import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { z } from 'zod';

/** How many tests a runner has run. */
export interface Counts {
  readonly passed: number;
  readonly failures: number;
  readonly skipped: number;
  /** What failed and why, one line each. */
  readonly reasons: readonly string[];
}

const jestResult = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numFailedTestSuites: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

/** Of jest's `--json --outputFile`. A suite that could not be run counts as a failure. */
export async function jestCounts(file: string): Promise<Counts> {
  const result = jestResult.parse(JSON.parse(await readFile(file, 'utf8')));
  return {
    passed: result.numPassedTests,
    failures: Math.max(result.numFailedTests, result.numFailedTestSuites),
    skipped: result.numPendingTests,
    reasons: result.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const failed = assertionResults.filter((test) => test.status === 'failed');
      return status === 'failed' && failed.length === 0
        ? [line(name, message)]
        : failed.map(({ fullName, failureMessages }) => line(fullName, failureMessages?.[0] ?? ''));
    }),
  };
}

/** Of a JUnit report: pytest's, or each of surefire's in a folder. */
export async function junitCounts(path: string): Promise<Counts> {
  const names = await readdir(path).catch(() => undefined);
  const files = names?.filter((name) => name.endsWith('.xml')).map((name) => join(path, name)) ?? [path];
  const reports = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const suites = reports.flatMap((report) => [...report.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => tag));
  const total = (name: string): number => suites.reduce((sum, tag) => sum + Number(attribute(tag, name)), 0);
  const [tests, failures, skipped] = [total('tests'), total('failures') + total('errors'), total('skipped')];
  const reasons = reports.flatMap((report) =>
    [...report.matchAll(/<testcase\s([^>]*[^/])>\s*<(?:failure|error)([^>]*)>/g)].map(([, test = '', failure = '']) =>
      line(attribute(test, 'name'), attribute(failure, 'message')),
    ),
  );
  return { passed: tests - failures - skipped, failures, skipped, reasons };
}

const rehearsalReport = z.object({
  checks: z.array(z.object({ name: z.string(), verdict: z.enum(['passed', 'failed', 'skipped']), detail: z.string() })),
});

/** Of a rehearsal's `--report`: a check counts as a test. */
export async function rehearsalCounts(file: string): Promise<Counts> {
  const { checks } = rehearsalReport.parse(JSON.parse(await readFile(file, 'utf8')));
  const of = (wanted: string): number => checks.filter(({ verdict }) => verdict === wanted).length;
  return {
    passed: of('passed'),
    failures: of('failed'),
    skipped: of('skipped'),
    reasons: checks.filter(({ verdict }) => verdict === 'failed').map(({ name, detail }) => line(name, detail)),
  };
}

/** So long may the line of one failure be; the rest is above, where the check printed it. */
const MAX_LINE = 500;

/** @param reason may have colours and many lines. */
function line(name: string, reason: string): string {
  const plain = stripVTControlCharacters(reason).replaceAll(/\s+/g, ' ').trim();
  return `${name}: ${plain}`.slice(0, MAX_LINE);
}

/** An attribute of an XML tag, as text; empty if it has none of that name. */
function attribute(tag: string, name: string): string {
  const [, value = ''] = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag) ?? [];
  return value
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
