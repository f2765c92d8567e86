import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { SecretFiles } from './secret-files.ts';

/** Writes or replaces files with mode 600, each in one step: a reader finds the old text or the new one. */
export async function writeSecretFiles(folder: string, files: SecretFiles): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    // What a start that was broken off has left may have another owner or mode.
    await rm(`${file}.new`, { force: true });
    await writeFile(`${file}.new`, `${text.trimEnd()}\n`, { mode: 0o600, flag: 'wx' });
    await rename(`${file}.new`, file);
  }
}
