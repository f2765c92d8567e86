/**
 * Signed messages: JSON Web Signatures in the compact form (RFC 7515) with Ed25519 (RFC 8037). The signature is over the
 * bytes that are sent, so nobody has to agree on how JSON is written.
 *
 * A house trusts two keys while one replaces the other; `kid` says which one signed. `typ` says what was signed, so that
 * one kind of message never passes for another (RFC 8725, section 3.11).
 */
import { type KeyObject, sign as signBytes, verify } from 'node:crypto';

import { z } from 'zod';

import { parseJson } from '../parse-json.ts';

/** Longer messages are refused before anything is computed, bytes. A command of 100 appliances has about 12 kB. */
export const MAX_SIGNED_BYTES = 64 * 1_024;

/** What is signed. */
export const SIGNED_TYPES = { command: 'igrid-command', stop: 'igrid-stop' } as const;
export type SignedType = (typeof SIGNED_TYPES)[keyof typeof SIGNED_TYPES];

export interface SigningKey {
  /** Names the key in messages. */
  readonly id: string;
  /** Private, Ed25519. */
  readonly key: KeyObject;
}

/** Public keys by id. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

const headerSchema = z.strictObject({ alg: z.literal('EdDSA'), kid: z.string().min(1), typ: z.string() });

/** Why a message can't be trusted: another form, another type, a key that is not known, or a wrong signature. */
export type Distrust = 'format' | 'type' | 'key' | 'signature';

export type Opened =
  | { readonly isTrusted: true; readonly payload: string; readonly keyId: string }
  | { readonly isTrusted: false; readonly reason: Distrust };

/** The same payload and key give the same bytes: Ed25519 is deterministic. */
export function signMessage(type: SignedType, payload: string, { id, key }: SigningKey): string {
  const header = base64url(JSON.stringify({ alg: 'EdDSA', kid: id, typ: type }));
  const signed = `${header}.${base64url(payload)}`;
  return `${signed}.${signBytes(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** Opens a message of a type. Never throws, whatever the bytes are. */
export function openMessage(bytes: Buffer, type: SignedType, keys: TrustedKeys): Opened {
  if (bytes.length > MAX_SIGNED_BYTES) {
    return distrust('format');
  }
  // Bytes beyond ASCII become other characters, which no part allows.
  const [header, payload, signature, ...rest] = bytes
    .toString('latin1')
    .split('.')
    .map((part) => decoded(part));
  if (!header || !payload || !signature || rest.length > 0) {
    return distrust('format');
  }
  const parsed = headerSchema.safeParse(parseJson(header.toString('utf8')));
  if (!parsed.success) {
    return distrust('format');
  }
  if (parsed.data.typ !== type) {
    return distrust('type');
  }
  const key = keys.get(parsed.data.kid);
  if (!key) {
    return distrust('key');
  }
  const signed = bytes.subarray(0, bytes.lastIndexOf('.'));
  if (!verify(null, signed, key, signature)) {
    return distrust('signature');
  }
  return { isTrusted: true, payload: payload.toString('utf8'), keyId: parsed.data.kid };
}

const distrust = (reason: Distrust): Opened => ({ isTrusted: false, reason });

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** Node's decoder skips what is no base64url: only the one text that encodes the bytes is taken. */
function decoded(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === part ? bytes : undefined;
}
