/**
 * Has tasks read again what a killed Indexer left on disk. For the moment before the Indexer starts.
 *
 * A task that writes rows to disk while it reads notes the offsets of before the record that made it write:
 * `driver.persistAsync(committerSupplier.get())` comes before `currOffsets.put(...)` in SeekableStreamIndexTaskRunner of
 * Druid 33.0.0. The rows hold that record and the offsets do not, so a task that is restored from them reads it twice.
 *
 * Without `commit.json` a restored task drops its rows and reads from the start of the sequence that it has not published
 * (StreamAppenderator.bootstrapSinksFromDisk, `restoredMetadata == null`), as it does when it was killed before it first
 * wrote. It stays the task that the Overlord knows. A new task would have to wait: an Overlord that has found a task on an
 * Indexer does not notice when the Indexer comes back without it (HttpRemoteTaskRunner.addWorker, `getTask() != null`).
 *
 * Rows on disk agree with their offsets, and are kept, when
 * - the task was stopped in order: it then writes the rest and, after that, its report;
 * - the task has read all that it should: its offsets are then the end of its last sequence, and no record comes later.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { codeOf } from '../core/error-code.ts';
import { parseJson } from '../core/parse-json.ts';

/** Partition to offset. */
const offsets = z.record(z.string(), z.number());
/** What a task reads into the same segments (SequenceMetadata.java). The supervisor says where it ends: a checkpoint. */
const sequences = z.array(z.object({ checkpointed: z.boolean(), endOffsets: offsets }));
/** Rows on disk (Committed.java, AppenderatorDriverMetadata.java), and up to where they were read. */
const committed = z.object({
  metadata: z.object({
    callerMetadata: z.object({ nextPartitions: z.object({ partitionSequenceNumberMap: offsets }) }),
  }),
});
/** What a task says of itself at its end. A run that failed has a message. */
const report = z.object({
  ingestionStatsAndErrors: z.object({ payload: z.object({ errorMsg: z.null().optional() }) }),
});

/**
 * Makes tasks forget rows on disk that may be one record ahead of their offsets. To be called once for each start of the
 * Indexer, when nothing else can keep it from starting: what says that a task was stopped in order is removed.
 *
 * @param directory the Indexer's folder of tasks (druid.indexer.task.baseTaskDir); need not exist.
 * @returns ids of the tasks that read again.
 */
export async function discardUnsettledRows(directory: string): Promise<string[]> {
  const unsettled: string[] = [];
  for (const slot of await foldersIn(directory)) {
    for (const id of await foldersIn(join(directory, slot))) {
      const isEnded = await removeReports(join(directory, slot, id));
      if (await discard(join(directory, slot, id, 'work', 'persist'), isEnded)) {
        unsettled.push(id);
      }
    }
  }
  return unsettled;
}

/** Whether a run of the task has ended in order: each has a folder for its report, and writes it last. */
async function removeReports(folder: string): Promise<boolean> {
  let isEnded = false;
  for (const run of await foldersIn(folder)) {
    const file = join(folder, run, 'report.json');
    isEnded ||= report.safeParse(json(await text(file))).success;
    await rm(file, { force: true });
  }
  return isEnded;
}

/** Whether there was something to discard. */
async function discard(persist: string, isEnded: boolean): Promise<boolean> {
  const commit = join(persist, 'commit.json');
  const file = join(persist, 'sequences.json');
  const [noted, listed] = [await text(commit), await text(file)];
  const last = sequences.safeParse(json(listed)).data?.at(-1);
  if (listed !== undefined && last === undefined) {
    // All is published. Or the list is cut off: such a task fails.
    return false;
  }
  if (last?.checkpointed) {
    const { data } = committed.safeParse(json(noted));
    const next = data?.metadata.callerMetadata.nextPartitions.partitionSequenceNumberMap;
    if (Object.entries(last.endOffsets).every(([partition, end]) => next?.[partition] === end)) {
      return false;
    }
    // A task that reads again does not know of a checkpoint before, and fails beyond it, after up to an hour. Without any
    // sequence it fails at once, and its supervisor makes a new one.
    await rm(commit, { force: true });
    await writeFile(file, '[]');
    return true;
  }
  if (noted === undefined || isEnded) {
    return false;
  }
  await rm(commit);
  return true;
}

async function foldersIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(ifMissing([]));
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

const text = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(ifMissing(undefined));

/** undefined when it is missing or cut off. */
const json = (written: string | undefined): unknown => (written === undefined ? undefined : parseJson(written));

const ifMissing =
  <Value>(value: Value) =>
  (error: unknown): Value => {
    if (codeOf(error) === 'ENOENT') {
      return value;
    }
    throw error;
  };
