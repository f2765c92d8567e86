import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** An absolute path from one within the repository. */
export function repositoryPath(...parts: readonly string[]): string {
  return join(ROOT, ...parts);
}
