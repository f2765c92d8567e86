import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of a test, with commands that take the place of the system's. */
export interface FakeCommands {
  readonly folder: string;
  /** With it the commands are found before the system's. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): void;
}

/** @param commands what bash does for each, by name. */
export function fakeCommands(commands: Readonly<Record<string, string>>): FakeCommands {
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return {
    folder,
    environment: { PATH: `${bin}:${process.env.PATH ?? ''}`, FOLDER: folder },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
