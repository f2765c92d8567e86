/**
 * Folders that users name and that the grid may empty: only those that carry its mark, which it gives to empty or new
 * folders alone.
 */
import { lstat, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file that makes a folder one of the grid's. */
export const MARK = '.igrid-folder';
const MARK_LINE = 'iGrid made this folder and may delete what is in it.';

/** Found in an empty folder all the same: on a disk of its own. */
const NO_CONTENT = new Set(['lost+found']);

/** A folder that the grid must not use or not empty: one line that names it, says why, and what to do. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * Characters that one of the engines does not take in a path: `,` parts Kafka's log.dirs and Spark's jars, `:` class
 * paths, `;` `?` `#` `%` addresses of databases, `*` class paths; quotes and the like end words of configuration files.
 */
const UNUSABLE = /[,:;?#%*"'`\\$<>|\p{Cc}]/u;

/**
 * Refuses a path that an engine would misread. Blanks and letters of any script are fine.
 *
 * @param path absolute.
 * @param remedy what the user can do, e.g. "use another --state".
 * @throws FolderError with one line that names the character.
 */
export function mustBeUsable(path: string, remedy: string): void {
  const found = UNUSABLE.exec(path)?.[0];
  if (found === undefined) {
    return;
  }
  throw new FolderError(`${path} has a ${JSON.stringify(found)}, which not all engines take in a path: ${remedy}`);
}

/** Whether the grid itself has marked a folder. */
export async function isMarked(directory: string): Promise<boolean> {
  const file = join(directory, MARK);
  // A link to another folder's mark is none.
  const isFile = await lstat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile && (await readFile(file, 'utf8')).startsWith(MARK_LINE);
}

/**
 * Makes a folder the grid's: one that is new, empty or marked already.
 *
 * @param option how the user names another, e.g. `--state`.
 * @param isOurs told what is in an unmarked folder: whether it comes from a version of the grid that knew no marks.
 * @throws FolderError when it holds files that may not be the project's.
 */
export async function claimFolder(
  directory: string,
  option: string,
  isOurs: (names: readonly string[]) => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw new FolderError(`${directory} can't be made (${reasonOf(error)}): use another ${option}`);
  });
  if (await isMarked(directory)) {
    return;
  }
  const names = await contentOf(directory);
  if (names.length > 0 && !(await isOurs(names))) {
    const some = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`;
    throw new FolderError(
      `${directory} holds files that iGrid did not make (${some}): name a new or an empty folder with ${option}`,
    );
  }
  await writeFile(join(directory, MARK), `${MARK_LINE}\nWithout this file it refuses to.\n`).catch((error: unknown) => {
    throw new FolderError(`${directory} can't be written to (${reasonOf(error)}): use another ${option}`);
  });
}

/**
 * Deletes what is in a folder of the grid's. The mark stays, and so do folders in it that have a mark of their own:
 * something else may be at work there.
 *
 * @param keep names that stay as well. Default: none.
 * @throws FolderError when the folder has no mark; nothing is deleted then.
 */
export async function emptyFolder(directory: string, keep: ReadonlySet<string> = new Set()): Promise<void> {
  if (!(await isMarked(directory))) {
    throw new FolderError(
      `${directory} is not deleted: iGrid did not make it (it has no ${MARK}). Delete it yourself if that is right, or name another folder`,
    );
  }
  const folder = await realpath(directory);
  for (const name of await contentOf(folder)) {
    const path = join(folder, name);
    if (keep.has(name) || (await isMarked(path))) {
      continue;
    }
    await rm(path, { recursive: true, force: true });
  }
}

async function contentOf(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw new FolderError(`${directory} can't be read as a folder (${reasonOf(error)})`);
  });
  return names.filter((name) => name !== MARK && !NO_CONTENT.has(name)).sort();
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
