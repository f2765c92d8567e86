import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import { exists } from '../engines/disk/exists.ts';
import { watchSize } from '../engines/disk/folder-size.ts';
import { cacheFolder } from '../engines/setup/cache.ts';
import { BUILD_LOCK } from '../engines/setup/python.ts';
import { runForSetup } from '../engines/setup/run.ts';
import type { SetupStep } from '../engines/setup/step.ts';
import type { Tools } from '../engines/setup/tools.ts';
import { repositoryPath } from '../src/files/repository.ts';

const ROOT = repositoryPath();

/** The locks of everything that hosts install with pip. */
const LOCKS = [
  join(ROOT, 'ec2-userdata', 'airflow', 'requirements.lock'),
  join(ROOT, 'ec2-userdata', 'superset', 'requirements.lock'),
  BUILD_LOCK,
];

const HOST_LOCK = join(import.meta.dirname, 'setup', 'host_lock.py');

/**
 * The Python packages of the hosts as files, for `hosts.pythonIndexUrl`: what somebody does who deploys without the
 * internet. Each is checked against its lock, here and once more on the host.
 */
export async function pythonPackagesStep(tools: Tools): Promise<SetupStep> {
  const folder = await cacheFolder('python-packages', [...LOCKS, HOST_LOCK]);
  const title = 'Python packages of hosts';
  return {
    title,
    folder,
    downloadBytes: 300_000_000,
    isMade: () => exists(folder),
    async make(progress, signal) {
      const partial = `${folder}.partial`;
      const environment = `${folder}.pip`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      const always = ['--quiet', '--disable-pip-version-check', '--require-hashes'];
      const pip = (...args: readonly string[]): Promise<void> =>
        runForSetup(title, join(environment, 'bin', 'pip'), [...args, ...always], signal);
      await runForSetup(title, tools.python, ['-m', 'venv', '--clear', environment], signal);
      // What comes as source is asked for its name and version, with the tools of the lock.
      await pip('install', '--no-deps', '--requirement', BUILD_LOCK);
      const watch = watchSize(partial, () => true, progress);
      try {
        for (const lock of LOCKS) {
          const ofHosts = `${environment}.lock`;
          await writeFile(ofHosts, (await execa(join(environment, 'bin', 'python'), [HOST_LOCK, lock])).stdout);
          await pip('download', '--no-deps', '--no-build-isolation', '--dest', partial, '--requirement', ofHosts);
          await rm(ofHosts);
        }
      } finally {
        watch.stop();
      }
      await rm(environment, { recursive: true });
      await rename(partial, folder);
    },
  };
}
