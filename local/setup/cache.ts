import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where engines are kept between starts and shared between clones: `IGRID_CACHE`, or `igrid` in the user's cache folder
 * (XDG Base Directory specification). Deleting it costs a download, nothing else.
 */
export const CACHE_DIRECTORY =
  process.env.IGRID_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'igrid');

/**
 * A folder of the cache whose name changes with what it was made from, so that clones with other pins never share one.
 *
 * @param name what it holds, e.g. `kafka`.
 * @param inputs the files it is made from.
 */
export async function cacheFolder(name: string, inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(await readFile(input)).update('\0');
  return join(CACHE_DIRECTORY, `${name}-${hash.digest('hex').slice(0, 12)}`);
}
