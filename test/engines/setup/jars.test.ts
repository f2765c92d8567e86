import { describe, expect, test } from '@jest/globals';

import { parseLock } from '../../../engines/setup/jars.ts';

describe('a lock of jars', () => {
  test('gives hash, size and file of each line', () => {
    const hash = 'ab'.repeat(32);
    expect(parseLock(`${hash}  12  a-1.0.jar\n`, 'jars.lock')).toEqual([{ sha256: hash, size: 12, file: 'a-1.0.jar' }]);
  });

  test.each(['deadbeef  12  a.jar', `${'ab'.repeat(32)}  12  ../a.txt`, `${'ab'.repeat(32)} 12 a.jar`])(
    'refuses the line "%s" and names it',
    (line) => {
      expect(() => parseLock(`${line}\n`, 'jars.lock')).toThrow('jars.lock:1');
    },
  );
});
