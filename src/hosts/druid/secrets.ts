/** Secrets as they are kept in Secrets Manager. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';

/** Printable, without what an environment file of systemd would read otherwise. */
const password = z.string().regex(/^[A-Za-z0-9!#%&()*+,./:;<=>?@[\]^_{|}~-]{8,}$/, 'a password of plain characters');

export const loginSchema = z.object({ username: z.string().min(1), password });

/** What the certificate authority's function writes (lambda/foundation/certificate-authority). */
export const certificateSchema = z.object({
  certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  privateKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
});

/**
 * A secret's JSON.
 *
 * @throws Error that names the secret, and never what it holds.
 */
export async function readSecret<S extends z.ZodType>(
  client: Pick<SecretsManagerClient, 'send'>,
  id: string,
  shape: S,
): Promise<z.output<S>> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
  let value: unknown;
  try {
    value = JSON.parse(SecretString ?? '');
  } catch {
    throw new Error(`the secret ${id} is no JSON`);
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
    throw new Error(`the secret ${id} is not as expected: ${fields}`);
  }
  return parsed.data;
}
