import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

const ITERATIONS = 4_096;
const KEY_BYTES = 32;

/**
 * What PostgreSQL stores of a password (RFC 5802; src/common/scram-common.c): sent in its place, so that the password
 * itself appears in no statement, log or process list.
 *
 * @param password printable ASCII, which SASLprep leaves as it is.
 * @param salt 16 random bytes.
 */
export function scramVerifier(password: string, salt: Buffer): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new RangeError('a password must be printable ASCII');
  }
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
