/** Files that a user names for a result: looked at before the work, written whole after it. */
import { open, realpath, rm, stat } from 'node:fs/promises';

import { writeWhole } from './write-whole.ts';

/**
 * Tries whether a result can be written, by opening the file: what is said of permissions does not hold for root or on
 * a disk that is read-only. A file that was not there is not left behind.
 *
 * @param option how the user named the file, e.g. `--report`.
 * @throws Error with one line that names the file, the reason and the remedy.
 */
export async function mustBeWritable(file: string, option: string): Promise<void> {
  const before = await stat(file).catch(() => undefined);
  // Opening a pipe waits for its reader.
  if (before?.isFIFO() === true || before?.isCharacterDevice() === true) {
    return;
  }
  try {
    await (await open(file, 'a')).close();
    if (!before) {
      await rm(file);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} can't be written to (${why}): name another file with ${option}`, { cause: error });
  }
}

/** Writes a result: in one step, or in place when the file is a device or a pipe, or its folder takes no other file. */
export async function writeOutput(file: string, text: string): Promise<void> {
  const before = await stat(file).catch(() => undefined);
  if (!before || before.isFile()) {
    const isWritten = await writeWhole(before ? await realpath(file) : file, text).then(
      () => true,
      () => false,
    );
    if (isWritten) {
      return;
    }
  }
  const target = await open(file, 'w');
  try {
    await target.writeFile(text);
  } finally {
    await target.close();
  }
}
