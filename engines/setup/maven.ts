import { join } from 'node:path';

import { CACHE_DIRECTORY } from './cache.ts';

/** Maven's own downloads. Kept, so that a stopped set-up resumes. */
export const MAVEN_REPOSITORY = join(CACHE_DIRECTORY, 'maven');

/** What Maven says went wrong, in its first words. */
export function firstMavenError(output: string): string {
  return /\[ERROR\] (.*)/.exec(output)?.[1] ?? output.trim().split('\n').at(-1) ?? 'Maven gave no reason';
}
