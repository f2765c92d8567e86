import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { claimFolder, emptyFolder, FolderError, MARK, mustBeUsable } from '../../../engines/disk/marked-folder.ts';
import { claimStateFolder, LocalState } from '../../../local/state.ts';

let root = '';
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'igrid-folder-'))));
afterEach(() => rm(root, { recursive: true }));

/** A folder with a file of the user's. */
async function usersFolder(name = 'data'): Promise<string> {
  const directory = join(root, name);
  await mkdir(directory);
  await writeFile(join(directory, 'thesis.tex'), 'years of work');
  return directory;
}

describe('a folder that the user names', () => {
  test('is made and marked when it is new, marked when it is empty, and emptied later', async () => {
    for (const name of ['new', 'deep/new', 'empty']) {
      const directory = join(root, name);
      if (name === 'empty') {
        await mkdir(directory);
      }
      await claimFolder(directory, '--state');
      await mkdir(join(directory, 'kafka', 'data'), { recursive: true });
      await emptyFolder(directory);
      expect(await readdir(directory)).toEqual([MARK]);
    }
  });

  test('is refused when it holds files that are not ours, and named with the way out', async () => {
    const directory = await usersFolder();
    await expect(claimFolder(directory, '--state')).rejects.toThrow(FolderError);
    await expect(claimFolder(directory, '--state')).rejects.toThrow(/data holds files .*\(thesis.tex\): .*--state/);
    expect(await readdir(directory)).toEqual(['thesis.tex']);
  });

  test('is refused when it is a file, or can not be made', async () => {
    const file = join(await usersFolder(), 'thesis.tex');
    await expect(claimFolder(file, '--state')).rejects.toThrow(/thesis.tex can't be made .*--state/);
    await expect(claimFolder(join(file, 'in'), '--state')).rejects.toThrow(FolderError);
  });

  test('is never emptied without the mark, whatever else it looks like', async () => {
    const directory = await usersFolder();
    await writeFile(join(directory, 'grid.json'), '{"epochs":{},"spans":[]}');
    await expect(emptyFolder(directory)).rejects.toThrow(/data is not deleted: iGrid did not make it/);
    await symlink(join(root, 'elsewhere'), join(directory, MARK));
    await claimFolder(join(root, 'ours'), '--state');
    await cp(join(root, 'ours', MARK), join(root, 'elsewhere'));
    await expect(emptyFolder(directory)).rejects.toThrow(FolderError);
    await rm(join(directory, MARK));
    await writeFile(join(directory, MARK), '');
    await expect(emptyFolder(directory)).rejects.toThrow(FolderError);
    expect(await readFile(join(directory, 'thesis.tex'), 'utf8')).toBe('years of work');
  });

  test('is emptied through a link without following links in it, and keeps marked folders in it', async () => {
    const outside = await usersFolder('outside');
    const directory = join(root, 'ours');
    await claimFolder(directory, '--state');
    await symlink(outside, join(directory, 'link'));
    await claimFolder(join(directory, 'rehearsal'), '--state');
    await writeFile(join(directory, 'rehearsal', 'log'), '');
    await symlink(directory, join(root, 'way'));
    await emptyFolder(join(root, 'way'));
    expect((await readdir(directory)).sort()).toEqual([MARK, 'rehearsal']);
    expect((await readdir(join(directory, 'rehearsal'))).sort()).toEqual([MARK, 'log']);
    expect(await readdir(outside)).toEqual(['thesis.tex']);
  });
});

describe('a state folder', () => {
  test('of a version without marks is taken over by a start, and not emptied by one', async () => {
    const directory = join(root, 'old');
    await mkdir(join(directory, 'kafka', 'data'), { recursive: true });
    await writeFile(join(directory, 'grid.json'), '{"epochs":{"24":1000},"spans":[]}');
    await expect(claimStateFolder(directory, true)).rejects.toThrow(/old is not emptied: .*start once without --fresh/);
    expect((await readdir(directory)).sort()).toEqual(['grid.json', 'kafka']);
    await claimStateFolder(directory, false);
    await claimStateFolder(directory, true);
    await LocalState.forget(directory);
    expect(await readdir(directory)).toEqual([MARK]);
  });

  test('is no folder that merely has a file or folder of the same name', async () => {
    const directory = await usersFolder();
    await writeFile(join(directory, 'grid.json'), '{"epochs":{},"spans":[]}');
    await expect(claimStateFolder(directory, false)).rejects.toThrow(/thesis.tex/);
    await mkdir(join(root, 'logs', 'logs'), { recursive: true });
    await expect(claimStateFolder(join(root, 'logs'), false)).rejects.toThrow(/logs holds files/);
    await expect(LocalState.forget(directory)).rejects.toThrow(FolderError);
  });

  test('may hold the folder of a rehearsal, which comes first on some machines', async () => {
    const both = join(root, 'both');
    await claimFolder(join(both, 'rehearsal'), '--state');
    // And so does what the type checker keeps in the default state folder.
    await writeFile(join(both, 'tsconfig.tsbuildinfo'), '{}');
    await claimStateFolder(both, true);
    expect((await readdir(both)).sort()).toEqual([MARK, 'rehearsal', 'tsconfig.tsbuildinfo']);
  });
});

describe('a path', () => {
  test.each(['a,b', 'a:b', 'a;b', 'a#b', 'a%20b', 'a*', "it's", 'a\\b', '$HOME', 'a\nb'])(
    'is refused when an engine would misread it, with the character: %j',
    (name) => {
      expect(() => mustBeUsable(`/data/${name}`, 'use another --state')).toThrow(FolderError);
      expect(() => mustBeUsable(`/data/${name}`, 'use another --state')).toThrow(
        /not all engines .* use another --state/,
      );
    },
  );

  test.each(['my data', 'jürgen', 'данные', 'データ', 'a-b_c.d(1)', 'a@b+c=d'])('may be %s', (name) => {
    expect(() => mustBeUsable(`/data/${name}`, 'use another --state')).not.toThrow();
  });
});
