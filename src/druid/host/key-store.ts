import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import type { z } from 'zod';

import type { certificateSchema } from './secrets.ts';

export interface KeyStore {
  /** PKCS #12. */
  readonly bytes: Uint8Array;
  readonly password: string;
}

/**
 * A certificate and its key in the form that Java takes, under a password of its own. Neither becomes an argument or a
 * file on the way.
 *
 * @throws ExecaError when openssl is missing or refuses.
 */
export async function keyStore(
  { certificate, privateKey }: z.output<typeof certificateSchema>,
  alias: string,
): Promise<KeyStore> {
  const password = randomBytes(24).toString('hex');
  const { stdout } = await execa(
    'openssl',
    ['pkcs12', '-export', '-name', alias, '-passout', 'env:KEY_STORE_PASSWORD'],
    {
      env: { KEY_STORE_PASSWORD: password },
      input: certificate + privateKey,
      encoding: 'buffer',
    },
  );
  return { bytes: stdout, password };
}
