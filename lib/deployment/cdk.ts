import { execa } from 'execa';

import { repositoryPath } from '../assets/repository.ts';
import type { Place } from './preflight.ts';

/**
 * Runs the CDK CLI of the lock file with the terminal as its own.
 *
 * @throws Error when it ends with another status than 0; the CLI has said why.
 */
export async function cdk(args: readonly string[], { region }: Pick<Place, 'region'>): Promise<void> {
  const { failed, exitCode, signal } = await execa(repositoryPath('node_modules', '.bin', 'cdk'), args, {
    cwd: repositoryPath(),
    stdio: 'inherit',
    reject: false,
    // What was looked at is what is deployed to: the CLI has a default region of its own.
    env: { AWS_REGION: region },
  });
  if (failed) {
    throw new Error(`cdk ${args[0] ?? ''} ended with ${signal ?? `status ${exitCode ?? 'unknown'}`} (see above)`);
  }
}
