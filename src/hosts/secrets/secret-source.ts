/** Where secrets come from: AWS Secrets Manager, each a JSON object. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';

import { parseJson } from '../../core/parse-json.ts';

/** A secret that can't be read or has an unexpected form; the message names the secret and contains none of it. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

/** Gives the value of the secret with this ARN. @throws SecretError */
export type AskSecret = <T>(arn: string, shape: z.ZodType<T>) => Promise<T>;

export function secretsManager(client: Pick<SecretsManagerClient, 'send'>): AskSecret {
  return async (arn, shape) => {
    const text = await client.send(new GetSecretValueCommand({ SecretId: arn })).then(
      ({ SecretString }) => SecretString,
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new SecretError(`${arn} can't be read: ${why}`, { cause: error });
      },
    );
    const parsed = shape.safeParse(text === undefined ? undefined : parseJson(text));
    if (parsed.success) {
      return parsed.data;
    }
    const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'the secret itself').join(', ');
    throw new SecretError(`${arn} is not as expected: see ${fields}`);
  };
}

/** A user of something, as the stacks generate them. */
export const login = z.object({ username: z.string().min(1), password: z.string().min(1) });
export type Login = z.infer<typeof login>;

/** What a part's own keys are derived from, or the key itself. */
export const generatedKey = z.object({ key: z.string().min(43) });
