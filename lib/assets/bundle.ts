import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { buildSync } from 'esbuild';

import { repositoryPath } from '../../src/files/repository.ts';

export interface BundleProps {
  /** The program, within the repository. */
  readonly entry: string;
  /** Where the one file goes. */
  readonly outfile: string;
  /** Lambda takes CommonJS; a host's Node takes modules, which may use top-level await. Default: `cjs`. */
  readonly format?: 'cjs' | 'esm';
}

/** By program and format: the sources do not change while a process runs. */
const made = new Map<string, Uint8Array>();

/**
 * One file out of a program and all its packages, by the esbuild of the lock file. The same sources give the same
 * bytes on every machine, so that an unchanged program is an unchanged asset. Built once in a process: archives of many
 * configurations hold the same programs.
 *
 * @throws Error with esbuild's own messages when the program does not build.
 */
export function bundle({ entry, outfile, format = 'cjs' }: BundleProps): void {
  const key = `${format} ${entry}`;
  const program = made.get(key) ?? build(entry, format);
  made.set(key, program);
  mkdirSync(dirname(outfile), { recursive: true });
  writeFileSync(outfile, program);
}

function build(entry: string, format: 'cjs' | 'esm'): Uint8Array {
  const { outputFiles } = buildSync({
    absWorkingDir: repositoryPath(),
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
    // Packages in CommonJS inside of a module still ask for `require`.
    ...(format === 'esm'
      ? {
          banner: {
            js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);",
          },
        }
      : {}),
    external: [
      // Optional accelerators that these packages look for and do without.
      ...['pg-native', 'aws-crt', '@aws-sdk/signature-v4-crt'],
      // Machine code, which lies beside the program: see PROGRAM_FILES.
      ...['@node-rs/crc32-*', '@antoniomuso/lz4-napi-*'],
    ],
  });
  const [file] = outputFiles;
  if (!file) {
    throw new Error(`esbuild made nothing of ${entry}`);
  }
  return file.contents;
}
