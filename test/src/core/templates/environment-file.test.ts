import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { environmentFile } from '../../../../src/core/templates/environment-file.ts';
import { TemplateError } from '../../../../src/core/templates/template.ts';

describe('an environment file', () => {
  test('gives a shell the very values that went in', () => {
    const values = { PLAIN: 'a', JSON: '["node","a b"]', ODD: 'x$HOME `id` \\n "q" #;=%' };
    const folder = mkdtempSync(join(tmpdir(), 'environment-'));
    try {
      const file = join(folder, 'file');
      writeFileSync(file, environmentFile(values));
      const print = `set -a; . ${file}; exec ${process.execPath} -p 'JSON.stringify([process.env.PLAIN, process.env.JSON, process.env.ODD])'`;
      expect(JSON.parse(execFileSync('sh', ['-c', print]).toString())).toEqual(Object.values(values));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['NAME', "it's"],
    ['NAME', 'a\nB=c'],
    ['a b', 'c'],
    ['1A', 'c'],
  ])('refuses %s with %j, which its readers would take differently', (name, value) => {
    expect(() => environmentFile({ [name]: value })).toThrow(TemplateError);
  });

  test('does not quote a refused value, which may be a secret', () => {
    expect(() => environmentFile({ PASSWORD: "hunter'2" })).toThrow(/^(?!.*hunter).*PASSWORD/);
  });
});
