import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { writeSecretFiles } from '../../../../src/hosts/secrets/write.ts';

describe('secret files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('are for their owner alone, whatever lay there before', async () => {
    await writeFile(join(folder, 'password'), 'old', { mode: 0o644 });
    await writeFile(join(folder, 'password.new'), 'left over', { mode: 0o666 });
    await writeSecretFiles(folder, { password: 'new' });
    expect(await readFile(join(folder, 'password'), 'utf8')).toBe('new\n');
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['password']);
  });
});
