import { describe, expect, test } from '@jest/globals';

import { unicodeLocale } from '../../../engines/supervision/locale.ts';

describe('the locale of engines', () => {
  test.each<NodeJS.ProcessEnv>([
    {},
    { LANG: 'C' },
    { LC_ALL: '', LC_CTYPE: '', LANG: '' },
    { LANG: 'en_US.UTF-8', LC_ALL: 'C' },
    { LANG: 'de_DE@euro' },
  ])('is set where the one of the user can not name files in Unicode: %j', (environment) => {
    expect(unicodeLocale(environment)).toEqual({ LC_ALL: 'C.UTF-8' });
  });

  test.each<NodeJS.ProcessEnv>([
    { LANG: 'en_US.UTF-8' },
    { LC_ALL: '', LANG: 'de_DE.utf8' },
    { LANG: 'C', LC_CTYPE: 'C.UTF-8' },
  ])('is left to the user otherwise: %j', (environment) => {
    expect(unicodeLocale(environment)).toEqual({});
  });
});
