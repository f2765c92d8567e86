/** Files that are whole at any time: a reader, and the start after a crash, see the old one or the new one. */
import { open, rename } from 'node:fs/promises';

/**
 * Replaces a file in one step, with the data on the disk before the name changes: after a power cut a renamed file
 * without that may be empty.
 *
 * @param mode permissions of a new file. Default: those of the umask.
 * @throws Error of the file system; the old file is then as it was.
 */
export async function writeWhole(file: string, text: string, mode = 0o666): Promise<void> {
  const made = await open(`${file}.new`, 'w', mode);
  try {
    await made.writeFile(text);
    await made.sync();
  } finally {
    await made.close();
  }
  await rename(`${file}.new`, file);
}
