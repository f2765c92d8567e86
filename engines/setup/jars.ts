import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { execa } from 'execa';

import { exists } from '../disk/exists.ts';
import { watchSize } from '../disk/folder-size.ts';
import { cacheFolder } from './cache.ts';
import { firstMavenError, MAVEN_REPOSITORY } from './maven.ts';
import { SetupError, type SetupStep } from './step.ts';

/** A jar as its lock file names it. */
export interface LockedJar {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly file: string;
}

/**
 * The jars of one engine: `pom.xml` says which, `jars.lock` beside it holds each one's SHA-256, and Maven fetches them
 * from wherever the user's own settings say.
 *
 * @param title for the progress display.
 * @param directory the folder with `pom.xml` and `jars.lock`.
 */
export async function jarsStep(title: string, directory: string): Promise<SetupStep> {
  const pom = join(directory, 'pom.xml');
  const lockFile = join(directory, 'jars.lock');
  const lock = parseLock(await readFile(lockFile, 'utf8'), lockFile);
  const folder = await cacheFolder(basename(directory), [pom, lockFile]);
  const downloadBytes = lock.reduce((sum, jar) => sum + jar.size, 0);

  return {
    title,
    folder,
    downloadBytes,
    isMade: () => exists(folder),
    async make(progress, signal) {
      const partial = `${folder}.partial`;
      await rm(partial, { recursive: true, force: true });
      const watch = watchSize(MAVEN_REPOSITORY, (name) => lock.some((jar) => name.startsWith(jar.file)), progress);
      try {
        await copyDependencies(pom, partial, signal);
      } finally {
        watch.stop();
      }
      await verify(partial, lock);
      // Last, and atomic: a folder of this name is whole.
      await rename(partial, folder);
    },
  };
}

/**
 * Lets Maven resolve a pom and copy its jars into a folder.
 *
 * @throws SetupError with Maven's own first error line.
 */
export async function copyDependencies(pom: string, into: string, signal?: AbortSignal): Promise<void> {
  await mkdir(MAVEN_REPOSITORY, { recursive: true });
  const result = await execa(
    'mvn',
    [
      '--batch-mode',
      '--quiet',
      `--file=${pom}`,
      `-Dmaven.repo.local=${MAVEN_REPOSITORY}`,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${into}`,
    ],
    { reject: false, all: true, ...(signal && { cancelSignal: signal }) },
  );
  if (result.failed) {
    throw new SetupError(
      `Maven could not fetch the jars of ${pom}: ${firstMavenError(result.all)} -- check the network, then start again`,
    );
  }
}

/** The lock of a folder of jars: a line per jar, `sha256  size  file`, by file name. */
export async function lockOf(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jar')).sort();
  const lines = await Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      return `${await sha256(path)}  ${(await stat(path)).size}  ${file}\n`;
    }),
  );
  return lines.join('');
}

/** @throws SetupError naming the file and line that is not a lock's. */
export function parseLock(text: string, name: string): LockedJar[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const match = /^([0-9a-f]{64}) {2}(\d+) {2}(\S+\.jar)$/.exec(line);
      const [, hash, size, file] = match ?? [];
      if (hash === undefined || size === undefined || file === undefined) {
        throw new SetupError(`${name}:${index + 1} is not "sha256  size  file.jar": restore it from git`);
      }
      return { sha256: hash, size: Number(size), file };
    });
}

async function verify(folder: string, lock: readonly LockedJar[]): Promise<void> {
  const found = new Set((await readdir(folder)).filter((file) => file.endsWith('.jar')));
  for (const jar of lock) {
    if (!found.delete(jar.file)) {
      throw new SetupError(`Maven did not fetch ${jar.file}: start again`);
    }
    if ((await sha256(join(folder, jar.file))) !== jar.sha256) {
      throw new SetupError(
        `${jar.file} does not have the SHA-256 of its lock: delete ${MAVEN_REPOSITORY}, check which mirror your Maven settings name, and start again`,
      );
    }
  }
  const [stranger] = found;
  if (stranger !== undefined) {
    throw new SetupError(`Maven fetched ${stranger}, which is not in the lock: start again`);
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
