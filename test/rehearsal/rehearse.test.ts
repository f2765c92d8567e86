import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import { rehearsalCounts } from '../counts.ts';
import { type Host, planRehearsal } from '../rehearse.ts';

const host: Host = {
  platform: 'linux',
  architecture: 'x64',
  userId: 0,
  has: () => Promise.resolve(true),
  path: ['/usr/bin'],
  mayMakeNamespaces: () => Promise.resolve(true),
};

const bare: Host = { ...host, has: (path) => Promise.resolve(!path.endsWith('debootstrap')) };

const unfit: readonly [string, Host, RegExp][] = [
  ['another system', { ...host, platform: 'darwin' }, /Linux on x86-64 only, this is darwin/],
  ['another architecture', { ...host, architecture: 'arm64' }, /this is linux on arm64/],
  ['a user who is not root', { ...host, userId: 1000 }, /need root/],
  [
    'a container without namespaces',
    { ...host, mayMakeNamespaces: () => Promise.resolve(false) },
    /may not make namespaces/,
  ],
];

describe('the rehearsal as a part of npm test', () => {
  it('is left out unless it is asked for', async () => {
    expect(await planRehearsal(host, false, false)).toEqual({ does: 'nothing' });
  });

  it.each([
    ['by name', true, false],
    ['by CI', false, true],
  ])('is run when it is asked for %s', async (_, isAsked, isCi) => {
    expect(await planRehearsal(host, isAsked, isCi)).toEqual({ does: 'rehearse', install: [] });
  });

  it('has CI install what is missing', async () => {
    expect(await planRehearsal(bare, false, true)).toEqual({ does: 'rehearse', install: ['debootstrap'] });
  });

  it('installs nothing on the machine of a person, and says how to', async () => {
    expect(await planRehearsal(bare, true, false)).toEqual({
      does: 'fail',
      why: 'programs are missing: apt-get install --no-install-recommends debootstrap',
    });
  });

  it.each(unfit)('is skipped by CI on %s, with the reason', async (_, computer, reason) => {
    const plan = await planRehearsal(computer, false, true);
    expect(plan).toEqual({ does: 'skip', why: expect.stringMatching(reason) });
  });

  it.each(unfit)('fails on %s where it was asked for by name', async (_, computer, reason) => {
    const plan = await planRehearsal(computer, true, false);
    expect(plan).toEqual({ does: 'fail', why: expect.stringMatching(reason) });
  });
});

describe("a rehearsal's report", () => {
  const folder = mkdtempSync(join(tmpdir(), 'igrid-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('counts a check as a test, and says which failed', async () => {
    const file = join(folder, 'report.json');
    const checks = ['passed', 'passed', 'failed', 'skipped'].map((verdict, index) => ({
      name: `check-${index}`,
      verdict,
      detail: `detail\n${index}`,
    }));
    writeFileSync(file, JSON.stringify({ checks }));
    expect(await rehearsalCounts(file)).toEqual({
      passed: 2,
      failures: 1,
      skipped: 1,
      reasons: ['check-2: detail 2'],
    });
  });
});
