import { execa } from 'execa';

import { SetupError } from './step.ts';

/**
 * Runs a command of the set-up to its end.
 *
 * @param title what is set up, for the error.
 * @param environment variables beside this process' own.
 * @throws SetupError with the command's last words.
 */
export async function runForSetup(
  title: string,
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const result = await execa(command, args, { reject: false, all: true, cancelSignal: signal, env: environment });
  if (result.failed) {
    const last = result.all.trim().split('\n').slice(-3).join(' / ') || result.shortMessage;
    throw new SetupError(`${title}: ${last} -- check the network and the disk, then start again`);
  }
}
