import { homedir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { cacheDirectory } from '../../../engines/setup/cache.ts';

const HOME = '/home/somebody';

describe('the cache of engines', () => {
  test.each<[string, NodeJS.ProcessEnv, string]>([
    ['IGRID_CACHE', { IGRID_CACHE: '/fast/igrid', XDG_CACHE_HOME: '/x' }, '/fast/igrid'],
    ['a relative IGRID_CACHE, from the working directory', { IGRID_CACHE: 'c' }, join(process.cwd(), 'c')],
    ['the user cache folder', { XDG_CACHE_HOME: '/x', HOME }, '/x/igrid'],
    ['HOME', { HOME }, '/home/somebody/.cache/igrid'],
    [
      'HOME when other variables are empty',
      { IGRID_CACHE: '', XDG_CACHE_HOME: '', HOME },
      '/home/somebody/.cache/igrid',
    ],
    ['HOME when XDG_CACHE_HOME is relative', { XDG_CACHE_HOME: 'x', HOME }, '/home/somebody/.cache/igrid'],
    ["the user's home when HOME is empty", { HOME: '' }, '/home/recorded/.cache/igrid'],
    ["the user's home when nothing is set", {}, '/home/recorded/.cache/igrid'],
  ])('is in %s', (_, environment, directory) => {
    expect(cacheDirectory(environment, '/home/recorded')).toBe(directory);
  });

  test('is absolute on this machine', () => {
    expect(cacheDirectory(process.env, homedir())).toMatch(/^\//);
  });
});
