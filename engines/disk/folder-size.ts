import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { sleep } from '../../src/core/clock/timers.ts';

/** Seldom enough that walking a folder of many thousand files costs little. */
const EVERY_MS = 1_000;

/**
 * Reports how many bytes of files a growing folder holds: what is known of a download that another program does.
 *
 * @param counts which file names count.
 * @param report called with the bytes, about once a second.
 */
export function watchSize(
  folder: string,
  counts: (name: string) => boolean,
  report: (bytes: number) => void,
): { stop: () => void } {
  let stopped = false;
  const look = async (): Promise<void> => {
    while (!stopped) {
      report(await folderSize(folder, counts));
      await sleep(EVERY_MS);
    }
  };
  void look();
  return { stop: () => (stopped = true) };
}

/** Bytes in all the files below a folder that count. A folder or file that isn't there (any more) has none. */
export async function folderSize(folder: string, counts: (name: string) => boolean = () => true): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && counts(entry.name))
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          (file) => file.size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
