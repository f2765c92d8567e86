/** The shapes of Druid's secrets in Secrets Manager; src/hosts/secrets/secret-source.ts reads them. */
import { z } from 'zod';

/** Printable, without what an environment file of systemd would read otherwise. */
const password = z.string().regex(/^[A-Za-z0-9!#%&()*+,./:;<=>?@[\]^_{|}~-]{8,}$/, 'a password of plain characters');

export const loginSchema = z.object({ username: z.string().min(1), password });

/** What the certificate authority's function writes (lambda/foundation/certificate-authority). */
export const certificateSchema = z.object({
  certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  privateKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
});
