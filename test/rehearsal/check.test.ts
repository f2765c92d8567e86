import { describe, expect, it } from '@jest/globals';

import { type Check, CheckError, runChecks, selectChecks } from '../../rehearsal/check.ts';
import { CHECKS } from '../../rehearsal/checks.ts';
import { Environment } from '../../rehearsal/environment.ts';

const environment = new Environment('/nowhere', 24, () => undefined);

function check(name: string, after: readonly string[] = [], run: Check['run'] = () => Promise.resolve('seen')): Check {
  return { name, expectation: `${name} holds`, after, run };
}

const failing = (message: string) => () => Promise.reject(new CheckError(message));

describe('selecting checks', () => {
  it('takes all without a choice', () => {
    expect(selectChecks(CHECKS, undefined)).toEqual(CHECKS);
  });

  it('takes what a chosen check needs as well, in the order in which they are run', () => {
    const all = [check('a'), check('b', ['a']), check('c'), check('d', ['b'])];
    expect(selectChecks(all, ['d']).map(({ name }) => name)).toEqual(['a', 'b', 'd']);
    expect(selectChecks(all, ['d'], new Map([['d', 3]])).map(({ name }) => name)).toEqual(['a', 'b', 'd', 'd', 'd']);
  });

  it('names the checks there are when one is unknown', () => {
    expect(() => selectChecks([check('a')], ['z'])).toThrow('there is no check z: choose from a');
    expect(() => selectChecks([check('a')], undefined, new Map([['z', 2]]))).toThrow('there is no check z');
  });

  it('has every check after those that it needs', () => {
    const seen = new Set<string>();
    for (const { name, after = [] } of CHECKS) {
      expect(after.filter((needed) => !seen.has(needed))).toEqual([]);
      seen.add(name);
    }
  });
});

describe('running checks', () => {
  const run = (checks: Check[], signal = new AbortController().signal) =>
    runChecks(checks, environment, signal, () => undefined);

  it('continues after a failure with what does not need it', async () => {
    const outcomes = await run([check('a', [], failing('no')), check('b', ['a']), check('c', ['b']), check('d')]);
    expect(outcomes.map(({ name, verdict, detail }) => [name, verdict, detail])).toEqual([
      ['a', 'failed', 'no'],
      ['b', 'skipped', 'needs a'],
      ['c', 'skipped', 'needs b'],
      ['d', 'passed', 'seen'],
    ]);
  });

  it('starts nothing more once it is stopped', async () => {
    const stop = new AbortController();
    const outcomes = await run(
      [
        check('a', [], () => {
          stop.abort();
          return Promise.resolve('seen');
        }),
        check('b'),
      ],
      stop.signal,
    );
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['passed', 'skipped']);
  });
});
