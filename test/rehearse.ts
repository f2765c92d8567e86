/** The rehearsal as a check of `npm test`: whether this computer can, and what it lacks. */
import { join } from 'node:path';

import { execa } from 'execa';

import { type Computer, INSTALL, isFit, missingPackages } from '../rehearsal/requirements.ts';
import { repositoryPath } from '../src/files/repository.ts';
import type { Check } from './checks.ts';
import { rehearsalCounts } from './counts.ts';

const ROOT = repositoryPath();

/** Computers on which machines boot and processes have namespaces of their own. */
export interface Host extends Computer {
  /** Whether a process may make the namespaces that a rehearsal lives in: not so in most containers of CI services. */
  readonly mayMakeNamespaces: () => Promise<boolean>;
}

/** What `npm test` does about the rehearsal. */
export type Plan =
  | { readonly does: 'nothing' }
  /** The reason, as a sentence for the user. */
  | { readonly does: 'skip' | 'fail'; readonly why: string }
  /** Debian packages to install first; may be none. */
  | { readonly does: 'rehearse'; readonly install: readonly string[] };

/**
 * CI installs what is missing, since its machines are made for that; no other machine gets packages unasked. Where
 * a rehearsal can never run, CI continues without: no change of the project could make that check pass there, and all
 * others still tell something. A rehearsal that was asked for by name fails instead.
 *
 * @param isAsked whether the user asked for it by name.
 * @param isCi whether this is a run of CI.
 */
export async function planRehearsal(host: Host, isAsked: boolean, isCi: boolean): Promise<Plan> {
  if (!isAsked && !isCi) {
    return { does: 'nothing' };
  }
  const never = isAsked ? 'fail' : 'skip';
  if (!isFit(host)) {
    return {
      does: never,
      why: `machines boot on Linux on x86-64 only, this is ${host.platform} on ${host.architecture}`,
    };
  }
  if (host.userId !== 0) {
    return { does: never, why: 'namespaces, mounts and machines need root: run it with sudo, or as root' };
  }
  if (!(await host.mayMakeNamespaces())) {
    return { does: never, why: 'this container may not make namespaces: run it with --privileged, or on a machine' };
  }
  const missing = await missingPackages(host);
  if (missing.length > 0 && !isCi) {
    return { does: 'fail', why: `programs are missing: ${INSTALL.join(' ')} ${missing.join(' ')}` };
  }
  return { does: 'rehearse', install: missing };
}

/** What a rehearsal's namespaces and its machines are made of: mounts, bridges and pairs of links, control groups. */
const TRY = `
mount -t tmpfs tmpfs /mnt
test -w /sys/fs/cgroup
! command -v ip >/dev/null || { ip link add try0 type bridge && ip link add try1 type veth peer name try2; }
`;

export const mayMakeNamespaces = async (): Promise<boolean> => {
  const kinds = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--propagation=private'];
  const { failed } = await execa('unshare', [...kinds, 'sh', '-euc', TRY], { reject: false });
  return !failed;
};

/**
 * Installs Debian packages, as CI's root.
 *
 * @returns whether they are there now; apt-get has said why not.
 */
export async function installPackages(packages: readonly string[]): Promise<boolean> {
  const options = { stdio: 'inherit', reject: false, env: { DEBIAN_FRONTEND: 'noninteractive' } } as const;
  await execa('apt-get', ['-q', 'update'], options);
  const [command, ...args] = INSTALL;
  const { failed } = await execa(command, [...args, '-q', '-y', ...packages], options);
  return !failed;
}

/** The short form. Its set-up says what it does: the first one makes Debian roots and fetches jars. */
export const rehearsalCheck: Check = {
  title: 'dress rehearsal, short form',
  command: (result) => ({
    command: process.execPath,
    args: ['--import', 'tsx', join(ROOT, 'rehearsal', 'main.ts'), '--short', '--report', result],
  }),
  count: rehearsalCounts,
};
