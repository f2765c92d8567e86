/** What a directory contains, and whether it can be read: reading a pipe without a writer would wait forever. */
import { readdir, stat } from 'node:fs/promises';

import { codeOf } from '../../core/error-code.ts';
import { DataSetError, messageOf } from '../data-set/errors.ts';

/** What is wrong with a path that should be a file or a directory; undefined when nothing is. */
export async function problemWith(path: string, expected: 'file' | 'directory'): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (expected === 'file' ? found.isFile() : found.isDirectory()) {
      return found.isFile() && found.size === 0 && path.endsWith('.gz')
        ? 'is empty, which no compressed file is'
        : undefined;
    }
    if (found.isDirectory()) {
      return 'is a directory and no file';
    }
    if (found.isFile()) {
      return 'is a file and no directory';
    }
    if (found.isFIFO()) {
      return `is a pipe and no ${expected}`;
    }
    return found.isSocket() ? `is a socket and no ${expected}` : `is a device and no ${expected}`;
  } catch (error) {
    switch (codeOf(error)) {
      case 'ENOENT':
        return 'is a link to nothing';
      case 'ELOOP':
        return 'is a link to itself';
      default:
        return `can't be looked at (${messageOf(error)})`;
    }
  }
}

/** The names in a directory, in order. @throws DataSetError when it can't be read. */
export async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') {
      throw new DataSetError(`${directory} does not exist: name the directory of a data set`);
    }
    if (code === 'ENOTDIR') {
      const problem = (await problemWith(directory, 'directory')) ?? 'is no directory';
      throw new DataSetError(`${directory} ${problem}: name the directory of a data set`);
    }
    throw new DataSetError(`can't read ${directory}: ${messageOf(error)}`);
  }
}
