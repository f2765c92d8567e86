import { join } from 'node:path';
import type { EngineProcess } from './supervision/engine.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * One of our own programs as a supervised process that reports in JSON lines: well once it has reported.
 *
 * @param file path of the program below the repository's root.
 * @param args may be a function: asked at each start, since a restarted program may have to go on differently.
 */
export function program(
  name: string,
  file: string,
  args: readonly string[] | (() => readonly string[]),
  onLine: (line: string) => void,
): EngineProcess {
  let hasReported = false;
  return {
    name,
    command: process.execPath,
    args: () => ['--import', 'tsx', join(ROOT, file), ...(typeof args === 'function' ? args() : args)],
    cwd: ROOT,
    prepare: () => {
      hasReported = false;
      return Promise.resolve();
    },
    isWell: () => Promise.resolve(hasReported),
    onLine: (line) => {
      hasReported = true;
      onLine(line);
    },
  };
}
