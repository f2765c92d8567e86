import { afterEach, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';

import { NPM_OPTIONS_VARIABLE, refuseOptionsOfNpm } from '../../../src/command-line/npm-options.ts';

afterEach(() => {
  Reflect.deleteProperty(process.env, NPM_OPTIONS_VARIABLE);
});

/** What a command with some options says when npm has kept others. */
function said(kept: string | undefined): string {
  let line = '';
  const command = new Command('npm start --')
    .option('--fresh')
    .option('--live-within <duration>')
    .option('--json')
    .configureOutput({ writeErr: (text) => (line += text) })
    .exitOverride();
  if (kept !== undefined) {
    process.env[NPM_OPTIONS_VARIABLE] = kept;
  }
  try {
    refuseOptionsOfNpm(command, 'npm start');
  } catch (error) {
    expect(error).toMatchObject({ code: 'commander.error' });
  }
  return line;
}

describe('options that npm kept for itself', () => {
  test.each([
    ['cache,fresh,registry', 'fresh'],
    ['live_within', 'live-within'],
  ])('are refused with how to write them: %s', (kept, name) => {
    expect(said(kept)).toBe(`error: npm keeps options that stand before " -- ": write npm start -- --${name} ...\n`);
  });

  test.each([undefined, '', 'cache,registry,freshness', 'json'])(
    'are no matter of a command that has none of them: %s',
    (kept) => {
      expect(said(kept)).toBe('');
    },
  );

  test('are told to one program alone, and not to what it starts', () => {
    said('fresh');
    expect(process.env[NPM_OPTIONS_VARIABLE]).toBeUndefined();
  });
});
