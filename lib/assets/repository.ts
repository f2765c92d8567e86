import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** An absolute path from one within the repository. */
export function repositoryPath(...parts: readonly string[]): string {
  return join(ROOT, ...parts);
}
