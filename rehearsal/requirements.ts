import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { LINK } from './addresses.ts';

/** A program that a rehearsal starts, and the Debian package that has it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  debootstrap: 'debootstrap',
  dnsmasq: 'dnsmasq-base',
  'dpkg-deb': 'dpkg',
  ip: 'iproute2',
  losetup: 'mount',
  nft: 'nftables',
  nsenter: 'util-linux',
  openssl: 'openssl',
  setpriv: 'util-linux',
  'systemd-nspawn': 'systemd-container',
  unshare: 'util-linux',
};

const POSTGRES = '/usr/lib/postgresql';

/** What of this computer a rehearsal asks about; another answer in tests. */
export interface Computer {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  /** Undefined where there are no user ids. */
  readonly userId: number | undefined;
  /** Whether there is such a file or folder. */
  readonly has: (path: string) => Promise<boolean>;
  /** Folders in which programs are looked for. */
  readonly path: readonly string[];
}

export const thisComputer = (): Computer => ({
  platform: process.platform,
  architecture: process.arch,
  userId: process.getuid?.(),
  has: (path) =>
    access(path, constants.F_OK).then(
      () => true,
      () => false,
    ),
  // Where root's own programs are, whatever PATH a shell has left of it.
  path: [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'],
});

/** How a Debian package is installed. */
export const INSTALL = ['apt-get', 'install', '--no-install-recommends'] as const;

/** The Debian packages with programs that a rehearsal starts and that are missing here, sorted. */
export async function missingPackages(computer: Computer): Promise<string[]> {
  const packages = new Set<string>();
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    const places = await Promise.all(computer.path.map((folder) => computer.has(join(folder, program))));
    if (!places.includes(true)) {
      packages.add(debianPackage);
    }
  }
  if (!(await computer.has(POSTGRES))) {
    packages.add('postgresql');
  }
  return [...packages].sort();
}

/** Whether there are machines of the rehearsal's kind at all on this computer. */
export const isFit = ({ platform, architecture }: Computer): boolean => platform === 'linux' && architecture === 'x64';

/**
 * What keeps this computer from a rehearsal.
 *
 * @returns one line a problem, each saying what to do; empty when there is none.
 */
export async function problems(computer: Computer): Promise<string[]> {
  const { platform, architecture, userId } = computer;
  if (!isFit(computer)) {
    return [
      `A rehearsal boots Debian machines on this computer and needs Linux on x86-64, this is ${platform} on ${architecture}: ` +
        'use a Linux machine, or "npm start" for the grid without hosts',
    ];
  }
  const found: string[] = [];
  if (userId !== 0) {
    found.push('A rehearsal makes namespaces, mounts and machines and needs root: run it with sudo, or as root');
  }
  if (await computer.has(join('/sys/class/net', LINK))) {
    found.push(
      'Another rehearsal runs on this computer, and their networks would be the same: wait for its end, or stop it with Ctrl-C',
    );
  }
  const missing = await missingPackages(computer);
  if (missing.length > 0) {
    found.push(
      `A rehearsal needs programs that are missing here. Install them with: ${INSTALL.join(' ')} ${missing.join(' ')}`,
    );
  }
  return found;
}
