import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { execa } from 'execa';

import { exists } from '../disk/exists.ts';
import { cacheFolder } from './cache.ts';
import { firstMavenError, MAVEN_REPOSITORY } from './maven.ts';
import { SetupError, type SetupStep } from './step.ts';
import type { Tools } from './tools.ts';

/**
 * A Maven project of ours, built into the cache. Its name in the cache changes with any of its sources.
 *
 * @param directory with `pom.xml` and `src/main`; the pom builds into the folder of its property `igrid.build`.
 * @param downloadBytes what Maven fetches for the build on a cold cache, measured.
 */
export async function mavenBuildStep(
  tools: Tools,
  title: string,
  directory: string,
  downloadBytes: number,
): Promise<SetupStep & { readonly jar: string }> {
  const main = join(directory, 'src', 'main');
  const sources = (await readdir(main, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const pom = join(directory, 'pom.xml');
  const folder = await cacheFolder(basename(directory), [pom, ...sources]);
  const jarName = `${basename(directory)}.jar`;

  return {
    title,
    folder,
    jar: join(folder, jarName),
    downloadBytes,
    isMade: () => exists(folder),
    async make(_progress, signal) {
      const build = `${folder}.build`;
      await rm(build, { recursive: true, force: true });
      await mkdir(dirname(folder), { recursive: true });
      const result = await execa(
        'mvn',
        [
          ...['--batch-mode', '--quiet', `--file=${pom}`, `-Dmaven.repo.local=${MAVEN_REPOSITORY}`],
          // Its tests are the project's tests, not the user's.
          ...['-Dmaven.test.skip=true', `-Digrid.build=${build}`, 'package'],
        ],
        { reject: false, all: true, cancelSignal: signal, env: { JAVA_HOME: tools.javaHome } },
      );
      if (result.failed) {
        throw new SetupError(`${title} could not be built: ${firstMavenError(result.all)}`);
      }
      const made = `${folder}.partial`;
      await rm(made, { recursive: true, force: true });
      await mkdir(made);
      await rename(join(build, jarName), join(made, jarName));
      await rename(made, folder);
      await rm(build, { recursive: true, force: true });
    },
  };
}
