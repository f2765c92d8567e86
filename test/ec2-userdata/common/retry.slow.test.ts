import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { repositoryPath } from '../../../src/files/repository.ts';
import { FakeHost } from '../../support/fake-host.ts';

const RETRY = readFileSync(repositoryPath('ec2-userdata/common/retry.sh'), 'utf8');
const MINUTE = 60;

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.remove());

const run = (script: string) => host.run(`set -euo pipefail\n${RETRY}\n${script}`);
const pauses = () => host.calls.filter((call) => call.startsWith('sleep ')).map((call) => Number(call.split(' ')[1]));

describe('retry', () => {
  test('waits for nothing when a command succeeds at once', () => {
    expect(run('retry true')).toEqual({ exitCode: 0, said: '' });
    expect(pauses()).toEqual([]);
  });

  test('outlasts an outage of 14 minutes', () => {
    host.fake('curl', `(( $(uptime) > ${14 * MINUTE} ))`);
    expect(run('retry curl http://mirror').exitCode).toBe(0);
    expect(host.seconds).toBeGreaterThan(14 * MINUTE);
  });

  test('counts the 15 minutes from the first failure, however long the first attempt took', () => {
    host.fake(
      'curl',
      `[[ -e $ROOT/tried ]] || sleep ${20 * MINUTE}; touch "$ROOT/tried"; (( $(uptime) > ${34 * MINUTE} ))`,
    );
    expect(run('retry curl http://mirror').exitCode).toBe(0);
  });

  test('gives up after 15 minutes at the earliest and soon after, with the status of the command', () => {
    host.fake('curl', 'exit 7');
    const { exitCode, said } = run('status=0; retry curl http://mirror || status=$?; exit "$status"');
    expect(exitCode).toBe(7);
    expect(host.seconds).toBeGreaterThanOrEqual(15 * MINUTE);
    expect(host.seconds).toBeLessThanOrEqual(16 * MINUTE);
    expect(said.split('\n').at(-1)).toBe(
      `retry: curl http://mirror failed with status 7; given up after ${host.seconds} s`,
    );
  });

  test('pauses longer and longer, for a minute at most, by a random part', () => {
    host.fake('curl', 'exit 1');
    run('RANDOM=1; retry curl || true');
    const first = pauses();
    first.forEach((pause, index) => {
      const whole = Math.min(2 ** (index + 1), 60);
      expect(pause).toBeGreaterThanOrEqual(whole / 2);
      expect(pause).toBeLessThanOrEqual(whole);
    });
    expect(first.length).toBeGreaterThan(15);
    host.write('calls', '');
    host.write('proc/uptime', '100.00 0.00\n');
    run('RANDOM=2; retry curl || true');
    expect(pauses()).not.toEqual(first);
  });

  test('can be told to be less patient', () => {
    host.fake('curl', 'exit 1');
    run('RETRY_SECONDS=30 retry curl || true');
    expect(host.seconds).toBeGreaterThanOrEqual(30);
    expect(host.seconds).toBeLessThan(90);
  });
});

describe('packages', () => {
  test('are installed without a look at the mirror when all is there', () => {
    run('packages jq');
    expect(host.calls).toEqual([expect.stringMatching(/^apt-get .* install --no-install-recommends jq$/)]);
  });

  test('repair what a cut-off attempt has left, and fetch lists that must all be there', () => {
    host.fake(
      'apt-get',
      '[[ $* != *install* || -e $ROOT/listed ]] || exit 100; [[ $* != *update* ]] || touch "$ROOT/listed"',
    );
    expect(run('packages jq').exitCode).toBe(0);
    const commands = host.calls.map(
      (call) => /dpkg --configure -a|update --error-on=any|install|sleep/.exec(call)?.[0],
    );
    expect(commands).toEqual(['install', 'dpkg --configure -a', 'update --error-on=any', 'install']);
  });

  test('outlast a mirror that is away for 14 minutes', () => {
    host.fake('apt-get', `(( $(uptime) > ${14 * MINUTE} )) || exit 100`);
    expect(run('packages jq').exitCode).toBe(0);
  });
});
