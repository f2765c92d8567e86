import { existsSync } from 'node:fs';

import { expect, test } from '@jest/globals';
import { execa } from 'execa';

import { repositoryPath } from '../../../src/files/repository.ts';

/** Network namespaces need root, the rest is Debian's own. */
const isPossible = process.getuid?.() === 0 && existsSync('/lib/systemd/systemd-networkd');

(isPossible ? test : test.skip)(
  "the rule for Druid's address outlives a restart of systemd-networkd",
  async () => {
    const { stdout } = await execa('unshare', [
      ...['--net', '--mount', '--pid', '--fork', '--kill-child'],
      repositoryPath('test/ec2-userdata/druid/network-namespace.sh'),
      repositoryPath('ec2-userdata'),
    ]);
    expect(stdout).toMatch(/^1088:\s+from 10\.40\.64\.20 lookup 1088$/m);
  },
  120_000,
);
