/**
 * Throws away what a killed Indexer's tasks had on disk, so that they are read again from the last published offsets.
 *
 * A task that writes rows to disk while it reads says at which offsets it is before it has counted the record that made
 * it write: `driver.persistAsync(committerSupplier.get())` comes before `currOffsets.put(...)` in Druid 33.0.0
 * (indexing-service/src/main/java/org/apache/druid/indexing/seekablestream/SeekableStreamIndexTaskRunner.java). The rows
 * on disk hold that record and the offsets do not, so that a task which is restored from them reads it twice: one
 * reading too many for each kill. A task that is stopped in order writes once more at its end, and then the two agree.
 */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Written before the Indexer is asked to stop: what tasks write after it is their last. */
export const STOPPING = 'stopping';

/** The Indexer's list of tasks to restore (BaseRestorableTaskRunner.java). */
const RESTORE = 'restore.json';
const restore = z.object({ runningTasks: z.array(z.string()) });

/** Notes that the Indexer is about to be asked to stop. @param directory its folder of tasks; need not exist. */
export async function noteStop(directory: string): Promise<void> {
  await writeFile(join(directory, STOPPING), '').catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/**
 * Removes the tasks whose state may be one record ahead of its offsets. For the moment before the Indexer starts: the
 * Overlord then finds them missing, and their supervisors make new ones.
 *
 * @param directory the Indexer's folder of tasks (druid.indexer.task.baseTaskDir).
 * @returns ids of the tasks that are not restored.
 */
export async function discardUnsettledTasks(directory: string): Promise<string[]> {
  const stoppedMs = await modifiedMs(join(directory, STOPPING));
  const discarded: string[] = [];
  for (const slot of await foldersIn(directory)) {
    for (const id of await foldersIn(join(directory, slot))) {
      const folder = join(directory, slot, id);
      const committedMs = await modifiedMs(join(folder, 'work', 'persist', 'commit.json'));
      // What has never been written is read again from where the task began.
      if (committedMs === undefined || (stoppedMs !== undefined && committedMs >= stoppedMs)) continue;
      await rm(folder, { recursive: true, force: true });
      discarded.push(id);
    }
  }
  if (discarded.length > 0) await forget(join(directory, RESTORE), discarded);
  await rm(join(directory, STOPPING), { force: true });
  return discarded;
}

async function forget(file: string, ids: readonly string[]): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  let listed: z.infer<typeof restore>;
  try {
    listed = restore.parse(JSON.parse(text));
  } catch {
    // A file that is cut off restores nothing.
    return;
  }
  await writeFile(file, JSON.stringify({ runningTasks: listed.runningTasks.filter((id) => !ids.includes(id)) }));
}

async function foldersIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function modifiedMs(file: string): Promise<number | undefined> {
  const found = await stat(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  return found?.mtimeMs;
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
