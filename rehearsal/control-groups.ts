import { execa } from 'execa';

import { LINK } from './addresses.ts';

const ROOT = '/sys/fs/cgroup';

/** Control groups of a rehearsal's machines that are there; see emulator/control_groups.py. */
export async function controlGroups(): Promise<string[]> {
  const { stdout } = await execa('find', [ROOT, '-depth', '-type', 'd', '-path', `*/${LINK}*`], { reject: false });
  return stdout === '' ? [] : stdout.split('\n');
}

/** Removes them, from the innermost on, once no process is in them. */
export async function removeControlGroups(): Promise<void> {
  const found = await controlGroups();
  if (found.length > 0) {
    await execa('rmdir', found, { reject: false });
  }
}
