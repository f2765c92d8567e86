import { PassThrough } from 'node:stream';

import { expect, test } from '@jest/globals';

import { isConfirmed } from '../../../tools/deployment/confirm.ts';

/** A terminal on which somebody types. */
function terminal(isTTY = true): { input: NodeJS.ReadStream; output: PassThrough; keys: PassThrough } {
  const keys = Object.assign(new PassThrough(), { isTTY, setRawMode: () => keys });
  return { input: keys as unknown as NodeJS.ReadStream, output: Object.assign(new PassThrough(), { isTTY }), keys };
}

test.each([
  ['y\r', true],
  ['Yes\r', true],
  ['n\r', false],
  ['\r', false],
  ['yesterday\r', false],
  ['\u0003', false],
  ['\u0004', false],
])('%j is %s', async (typed, expected) => {
  const { input, output, keys } = terminal();
  const answer = isConfirmed('Deploy it? ', { input, output });
  keys.write(typed);
  expect(await answer).toBe(expected);
});

test('the end of the input is no', async () => {
  const { input, output, keys } = terminal();
  const answer = isConfirmed('Deploy it? ', { input, output });
  keys.end();
  expect(await answer).toBe(false);
});

test('without a terminal there is no confirmation', async () => {
  const { input, output } = terminal(false);
  await expect(isConfirmed('Deploy it? ', { input, output })).rejects.toThrow('not a terminal: pass --yes to confirm');
});
