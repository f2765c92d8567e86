import { createInterface } from 'node:readline/promises';

import { NotReadyError } from './place.ts';

/**
 * Asks a question on the terminal.
 *
 * @returns whether the answer is yes; the end of the input and Ctrl-C are no.
 * @throws NotReadyError without a terminal.
 */
export async function isConfirmed(
  question: string,
  {
    input = process.stdin,
    output = process.stdout,
  }: { input?: NodeJS.ReadStream; output?: NodeJS.WritableStream } = {},
): Promise<boolean> {
  if (!input.isTTY) {
    throw new NotReadyError('not a terminal: pass --yes to confirm');
  }
  const terminal = createInterface({ input, output });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      terminal.once('SIGINT', () => resolve('no'));
      terminal.once('close', () => resolve('no'));
      terminal.question(question).then(resolve, reject);
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
