/**
 * `secrets.mjs SERVICE FOLDER`, on a host: reads the secrets of a service from Secrets Manager with the host's role and
 * writes them as files that their owner alone may read. Which secrets, the environment says by their ARNs. Nothing of
 * them is printed. Exit status: 1 failure, 2 wrong usage.
 */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Argument, Command } from 'commander';
import { z } from 'zod';

import { runProgram } from '../../command-line/run-program.ts';
import { SECRET_FILES_OF, type SecretService } from './secret-files.ts';
import { secretsManager } from './secret-source.ts';
import { writeSecretFiles } from './write.ts';

const argumentsSchema = z.tuple([
  z.enum(Object.keys(SECRET_FILES_OF) as [SecretService, ...SecretService[]]),
  z.string(),
]);

function parseCommandLine(args: readonly string[]): z.infer<typeof argumentsSchema> {
  const command = new Command('secrets')
    .description("Writes a service's secrets as files of mode 600.")
    .addArgument(new Argument('<service>', 'whose').choices(Object.keys(SECRET_FILES_OF)))
    .argument('<folder>', 'where to; it must exist')
    .allowExcessArguments(false)
    .exitOverride();
  command.parse([...args], { from: 'user' });
  return argumentsSchema.parse(command.processedArgs);
}

await runProgram('secrets', parseCommandLine, async ([service, folder]) => {
  const files = await SECRET_FILES_OF[service](secretsManager(new SecretsManagerClient({})), process.env);
  await writeSecretFiles(folder, files);
});
