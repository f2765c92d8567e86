import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import { jestCounts, junitCounts } from './counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'igrid-counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(text: string): string {
  const file = join(folder, 'result');
  writeFileSync(file, text);
  return file;
}

describe("what jest's result says", () => {
  it('names each test that failed, and each file that could not be run', async () => {
    const file = written(
      JSON.stringify({
        numPassedTests: 4,
        numFailedTests: 1,
        numPendingTests: 2,
        numFailedTestSuites: 2,
        testResults: [
          {
            name: 'a.test.ts',
            status: 'failed',
            message: 'long',
            assertionResults: [
              {
                fullName: 'the grid starts',
                status: 'failed',
                failureMessages: ['\u001b[31mnot\u001b[39m\n  started'],
              },
              { fullName: 'the grid ends', status: 'passed', failureMessages: [] },
            ],
          },
          { name: 'b.test.ts', status: 'failed', message: 'SyntaxError: no', assertionResults: [] },
        ],
      }),
    );
    expect(await jestCounts(file)).toEqual({
      passed: 4,
      failures: 2,
      skipped: 2,
      reasons: ['the grid starts: not started', 'b.test.ts: SyntaxError: no'],
    });
  });
});

describe('what a JUnit report says', () => {
  it('names each test that failed or had an error', async () => {
    const file =
      written(`<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
<testcase classname="t" name="test_one" time="0.1" /><testcase classname="t" name="test_two" time="0.1">
<failure message="assert 1 &lt; 0&#10;more">text</failure></testcase>
<testcase classname="t" name="test_three"><error message="no &quot;fixture&quot;">text</error></testcase>
<testcase classname="t" name="test_four"><skipped message="root"/></testcase></testsuite></testsuites>`);
    expect(await junitCounts(file)).toEqual({
      passed: 1,
      failures: 2,
      skipped: 1,
      reasons: ['test_two: assert 1 < 0 more', 'test_three: no "fixture"'],
    });
  });
});
