import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { mustBeWritable, writeOutput } from '../../../src/files/output-file.ts';

let directory = '';
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'igrid-output-'))));
afterEach(() => rm(directory, { recursive: true }));

describe('a file for a result', () => {
  test('is refused before the work when it is a folder or its folder is missing, with the option that names another', async () => {
    await expect(mustBeWritable(directory, '--report')).rejects.toThrow(/EISDIR.*name another file with --report/);
    await expect(mustBeWritable(join(directory, 'no', 'r.json'), '--report')).rejects.toThrow(/ENOENT.*--report/);
    await expect(mustBeWritable('/proc/r.json', '--report')).rejects.toThrow(/\/proc\/r.json can't be written to/);
  });

  test('is neither made nor changed by looking', async () => {
    await mustBeWritable(join(directory, 'new.json'), '--report');
    await writeFile(join(directory, 'old.json'), 'old');
    await mustBeWritable(join(directory, 'old.json'), '--report');
    expect(await readdir(directory)).toEqual(['old.json']);
    expect(await readFile(join(directory, 'old.json'), 'utf8')).toBe('old');
  });

  test('is written whole, through a link as well', async () => {
    await writeOutput(join(directory, 'r.json'), 'first');
    await symlink(join(directory, 'r.json'), join(directory, 'link.json'));
    await writeOutput(join(directory, 'link.json'), 'second');
    expect(await readFile(join(directory, 'r.json'), 'utf8')).toBe('second');
    expect(await readFile(join(directory, 'link.json'), 'utf8')).toBe('second');
    expect((await readdir(directory)).sort()).toEqual(['link.json', 'r.json']);
  });

  test('may be a device, which stays one', async () => {
    await mustBeWritable('/dev/null', '--report');
    await writeOutput('/dev/null', 'nothing');
    await writeOutput('/dev/null', 'again');
  });

  test('is written in place when its folder takes no other file', async () => {
    const folder = join(directory, 'closed');
    await mkdir(folder);
    await writeFile(join(folder, 'r.json'), 'old');
    // A folder of the other file's name keeps that from being written, as missing permissions would.
    await mkdir(join(folder, 'r.json.new'));
    await chmod(folder, 0o555);
    await writeOutput(join(folder, 'r.json'), 'new');
    await chmod(folder, 0o755);
    expect(await readFile(join(folder, 'r.json'), 'utf8')).toBe('new');
  });
});
