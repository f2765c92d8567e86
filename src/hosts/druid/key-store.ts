import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';
import type { z } from 'zod';

import type { certificateSchema } from './secrets.ts';

export interface KeyStore {
  /** PKCS #12. */
  readonly bytes: Uint8Array;
  readonly password: string;
}

/**
 * A certificate and its key in the form that Java takes, under a password of its own. Neither becomes an argument.
 *
 * @param folder where the key is a file for a moment, since openssl reads standard input once: in memory, on a host.
 * @throws ExecaError when openssl is missing or refuses.
 */
export async function keyStore(
  { certificate, privateKey }: z.output<typeof certificateSchema>,
  alias: string,
  folder: string,
): Promise<KeyStore> {
  const password = randomBytes(24).toString('hex');
  const key = join(folder, 'router.key');
  try {
    await writeFile(key, privateKey, { mode: 0o600 });
    const args = ['pkcs12', '-export', '-name', alias, '-inkey', key, '-passout', 'env:KEY_STORE_PASSWORD'];
    const { stdout } = await execa('openssl', args, {
      env: { KEY_STORE_PASSWORD: password },
      input: certificate,
      encoding: 'buffer',
    });
    return { bytes: stdout, password };
  } finally {
    await rm(key, { force: true });
  }
}
