import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder: string | undefined;

/** Where files are made that CDK then copies into its own output: gone when the process ends. */
export function buildFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'igrid-build-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
