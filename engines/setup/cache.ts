import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * Where engines are kept between starts and shared between clones: `IGRID_CACHE`, from where the user stands, or `igrid`
 * in the user's cache folder. Deleting it costs a download, nothing else.
 */
export const CACHE_DIRECTORY = cacheDirectory(process.env, userInfo().homedir);

/**
 * The XDG Base Directory specification wants an empty variable taken as unset, and a relative path ignored.
 *
 * @param home of the user, by the system's own records: HOME may be empty.
 * @returns an absolute path.
 */
export function cacheDirectory(environment: NodeJS.ProcessEnv, home: string): string {
  const set = (name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  const own = set('IGRID_CACHE');
  if (own !== undefined) {
    return resolve(own);
  }
  const xdg = set('XDG_CACHE_HOME');
  const caches = xdg !== undefined && isAbsolute(xdg) ? xdg : join(set('HOME') ?? home, '.cache');
  return resolve(caches, 'igrid');
}

/**
 * A folder of the cache whose name changes with what it was made from, so that clones with other pins never share one.
 *
 * @param name what it holds, e.g. `kafka`.
 * @param inputs the files it is made from.
 */
export async function cacheFolder(name: string, inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const input of inputs) {
    hash.update(await readFile(input)).update('\0');
  }
  return join(CACHE_DIRECTORY, `${name}-${hash.digest('hex').slice(0, 12)}`);
}
