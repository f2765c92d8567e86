import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { exists } from '../disk/exists.ts';
import { folderSize, watchSize } from '../disk/folder-size.ts';
import { claimFolder, emptyFolder, isMarked } from '../disk/marked-folder.ts';
import { CACHE_DIRECTORY, cacheFolder } from './cache.ts';
import { runForSetup } from './run.ts';
import type { SetupStep } from './step.ts';
import type { Tools } from './tools.ts';

/** uv's own downloads: kept until an environment is complete, so that a stopped set-up resumes. */
const UV_CACHE = join(CACHE_DIRECTORY, 'uv-downloads');
const UV_LOCK = join(import.meta.dirname, 'uv', 'requirements.lock');
/** What building a source distribution (PySpark) may use: else uv would take the newest of the day. */
export const BUILD_LOCK = join(import.meta.dirname, 'uv', 'build.lock');

/** The interpreter of an environment made by {@link pythonStep}. */
export const pythonOf = (folder: string): string => join(folder, 'bin', 'python');

/**
 * A virtual environment with exactly the packages of a `requirements.lock`, each checked against its hashes.
 *
 * @param title for the progress display.
 * @param name the environment's name in the cache, e.g. `spark`.
 * @param lock path of the lock file.
 * @param downloadBytes what uv unpacks on a cold cache, measured: the progress bar's length.
 */
export async function pythonStep(
  tools: Tools,
  title: string,
  name: string,
  lock: string,
  downloadBytes: number,
): Promise<SetupStep> {
  const folder = await cacheFolder(name, [lock, BUILD_LOCK]);
  const wholeMark = join(folder, '.whole');

  return {
    title,
    folder,
    downloadBytes,
    isMade: () => exists(wholeMark),
    async make(progress, signal) {
      const uv = await installedUv(tools, signal);
      await rm(folder, { recursive: true, force: true });
      // The one name in the cache that carries no hash: it is emptied by its mark. What uv has begun has uv's own.
      await claimFolder(UV_CACHE, 'IGRID_CACHE', (names) => Promise.resolve(names.includes('CACHEDIR.TAG')));
      const before = await folderSize(UV_CACHE);
      const watch = watchSize(
        UV_CACHE,
        () => true,
        (bytes) => progress(bytes - before),
      );
      try {
        await runForSetup(title, uv, ['venv', '--quiet', '--python', tools.python, folder], signal);
        await runForSetup(
          title,
          uv,
          [
            ...['pip', 'sync', '--quiet', '--require-hashes', '--cache-dir', UV_CACHE],
            ...['--build-constraints', BUILD_LOCK, '--python', pythonOf(folder), lock],
          ],
          signal,
        );
      } finally {
        watch.stop();
      }
      await mkdir(wholeMark);
    },
  };
}

/** Forgets uv's downloads: gigabytes that only a stopped set-up could use again. */
export async function forgetDownloads(): Promise<void> {
  if (await isMarked(UV_CACHE)) {
    await emptyFolder(UV_CACHE);
  }
}

/** uv itself, from its own lock, by the pip that comes with Python. */
async function installedUv(tools: Tools, signal: AbortSignal): Promise<string> {
  const folder = await cacheFolder('uv', [UV_LOCK]);
  const uv = join(folder, 'bin', 'uv');
  if (await exists(uv)) {
    return uv;
  }
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(dirname(partial), { recursive: true });
  await runForSetup('uv', tools.python, ['-m', 'venv', partial], signal);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', UV_LOCK];
  await runForSetup('uv', pythonOf(partial), pip, signal);
  await rename(partial, folder);
  return uv;
}
