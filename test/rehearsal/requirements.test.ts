import { describe, expect, it } from '@jest/globals';

import { type Computer, problems } from '../../rehearsal/requirements.ts';

const LINK_PATH = '/sys/class/net/igrid-rehearsal';

const fit: Computer = {
  platform: 'linux',
  architecture: 'x64',
  userId: 0,
  has: (path) => Promise.resolve(path !== LINK_PATH),
  path: ['/usr/bin'],
};

describe('what a rehearsal needs', () => {
  it('has no complaint about a Linux computer with everything, as root', async () => {
    expect(await problems(fit)).toEqual([]);
  });

  it('says on another system what can be done there', async () => {
    const [problem, ...more] = await problems({ ...fit, platform: 'darwin', userId: 501 });
    expect(problem).toMatch(/needs Linux on x86-64, this is darwin.*npm start/);
    expect(more).toEqual([]);
  });

  it('asks for root', async () => {
    expect(await problems({ ...fit, userId: 1000 })).toEqual([expect.stringMatching(/needs root.*sudo/)]);
  });

  it('does not begin beside another one', async () => {
    expect(await problems({ ...fit, has: () => Promise.resolve(true) })).toEqual([
      expect.stringContaining('Another rehearsal runs'),
    ]);
  });

  it('names every missing package in one command', async () => {
    const missing = ['/usr/bin/debootstrap', '/usr/bin/systemd-nspawn', '/usr/lib/postgresql'];
    expect(await problems({ ...fit, has: (path) => Promise.resolve(![...missing, LINK_PATH].includes(path)) })).toEqual(
      [expect.stringContaining('apt-get install --no-install-recommends debootstrap postgresql systemd-container')],
    );
  });

  it('finds a program in any folder of the path', async () => {
    const computer = { ...fit, path: ['/usr/bin', '/usr/sbin'] };
    const has = (path: string): Promise<boolean> => Promise.resolve(!/^\/(usr\/bin|sys)\//.test(path));
    expect(await problems({ ...computer, has })).toEqual([]);
  });
});
