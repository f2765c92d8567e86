// Starts a program of this project in a fresh clone: nothing but Node's own modules until the packages are there.
//
//   node bin/launch.mjs PROGRAM.ts [ARGUMENT...]
//
// npm changes to the project's folder before it runs a script, and keeps options for itself that do not stand behind
// " -- ": the program runs in the folder where the user stands, and is told which options npm has kept.
//
// Installs the locked npm packages when they are missing or when the lock file has changed, then runs PROGRAM in this
// process, so that signals and the terminal are its own. Under a Node of another major than the locked one it starts
// itself again with the locked one. Through npm that happens only in a fresh clone: see bin/node.mjs.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import {
  lockedNode,
  major,
  markPackagesInstalled,
  NODE_VERSION,
  packagesAreInstalled,
  preferPackages,
} from './node.mjs';

/** What can run this file, npm and the locked packages' install scripts. */
const OLDEST_NODE = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

if (major(process.versions.node) < OLDEST_NODE) {
  fail(
    `iGrid needs Node ${OLDEST_NODE} or newer, this is ${process.version}: install it from your package manager or nvm`,
  );
}

if (!packagesAreInstalled()) {
  // Through a link npm would empty a folder of another project, and leave it empty.
  const modules = join(root, 'node_modules');
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(
      `${modules} is a link and lacks what package-lock.json asks for: run npm ci where it points, ${realpathSync(modules)}`,
    );
  }
  console.error('Installing the npm packages (once) ...');
  const npm = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    fail('npm ci failed (see above): check the network and your npm registry settings, then try again');
  }
  markPackagesInstalled();
}

preferPackages();
if (major(process.versions.node) !== major(NODE_VERSION)) {
  const node = lockedNode();
  if (node) {
    process.exit(await continueUnder(node));
  }
  if (major(process.versions.node) < major(NODE_VERSION)) {
    fail(
      `iGrid needs Node ${major(NODE_VERSION)} on ${process.platform}-${process.arch}, this is ${process.version}: install it from your package manager or nvm`,
    );
  }
}
// There is a channel when continueUnder started this process: it must not outlive the first one.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();

const [program, ...rest] = process.argv.slice(2);
if (program === undefined) {
  fail('usage: node bin/launch.mjs PROGRAM.ts [ARGUMENT...]');
}

// npm's variables are inherited by all that runs below a script: they count only for the script that names this program.
const isAskedFor = (process.env.npm_lifecycle_script ?? '').endsWith(`bin/launch.mjs ${program}`);
delete process.env.IGRID_NPM_OPTIONS;
if (isAskedFor) {
  const options = Object.keys(process.env).filter((name) => name.startsWith('npm_config_'));
  process.env.IGRID_NPM_OPTIONS = options.map((name) => name.slice('npm_config_'.length)).join(',');
  if (process.env.INIT_CWD && existsSync(process.env.INIT_CWD)) {
    process.chdir(process.env.INIT_CWD);
  }
}

const { register } = await import('tsx/esm/api');
register();
const { endWithoutOutput } = await import('../src/command-line/output-errors.ts');
endWithoutOutput('iGrid');
const { ignoreOverdueTimers } = await import('../src/kafka/overdue-timers.ts');
ignoreOverdueTimers();
const path = resolve(root, program);
process.argv = [process.argv[0], path, ...rest];
await import(pathToFileURL(path).href);

/** Runs this launcher with its arguments under another Node; resolves to the exit status, or ends by the same signal. */
async function continueUnder(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const forward = (signal) => {
    // A terminal sends Ctrl-C to both.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) {
      child.kill(signal);
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, forward);
  }
  return new Promise((done) => {
    child.once('error', (error) => fail(`${node} can't be started: ${error.message}`));
    child.once('exit', (status, signal) => {
      if (!signal) {
        return done(status);
      }
      for (const name of signals) {
        process.off(name, forward);
      }
      process.kill(process.pid, signal);
    });
  });
}
