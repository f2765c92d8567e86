import { execa } from 'execa';

import { repositoryPath } from '../../src/files/repository.ts';
import type { Place } from './place.ts';

/** Somebody has stopped the CDK CLI. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs the CDK CLI of the lock file with the terminal as its own.
 *
 * @param program what runs in its place. Default: the CLI.
 * @throws StoppedError when it was stopped by Ctrl-C or a signal: CloudFormation finishes what it has begun.
 * @throws Error when it ends with another status than 0; the CLI has said why.
 */
export async function cdk(
  args: readonly string[],
  { region }: Pick<Place, 'region'>,
  program = repositoryPath('node_modules', '.bin', 'cdk'),
): Promise<void> {
  const child = execa(program, args, {
    cwd: repositoryPath(),
    stdio: 'inherit',
    reject: false,
    // What was looked at is what is deployed to: the CLI has a default region of its own.
    env: { AWS_REGION: region },
  });
  let stoppedBy: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stoppedBy = signal;
    // A terminal sends Ctrl-C to the CLI, too; a second one would cut its own ending short.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) {
      child.kill(signal);
    }
  };
  SIGNALS.forEach((signal) => process.on(signal, stop));
  try {
    const { failed, exitCode, signal } = await child;
    if (stoppedBy !== undefined) {
      throw new StoppedError(
        `stopped by ${stoppedBy}; CloudFormation finishes what it has begun: then "npm run deploy" continues from there, and ` +
          '"npm run destroy" removes everything',
      );
    }
    if (failed) {
      throw new Error(`cdk ${args[0] ?? ''} ended with ${signal ?? `status ${exitCode ?? 'unknown'}`} (see above)`);
    }
  } finally {
    SIGNALS.forEach((signal) => process.off(signal, stop));
  }
}
