import { generateKeyPairSync, verify } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type Command, parseCommand, signCommand, signStop } from '../../../../src/core/shed/command.ts';
import { MAX_SIGNED_BYTES, openMessage, SIGNED_TYPES, signMessage } from '../../../../src/core/shed/signature.ts';

const pair = generateKeyPairSync('ed25519');
const key = { id: 'k1', key: pair.privateKey };
const keys = new Map([['k1', pair.publicKey]]);

const command: Command = {
  version: 1,
  house: '1_0_1',
  event: 'e1',
  seq: 7,
  issued: 1_000,
  not_before: 2_000,
  until: 9_000,
  start_jitter_ms: 100,
  release_jitter_ms: 100,
  reason: 'the feeder is at its limit',
  calls: [{ appliance: '1_0_1_5', not_before: 2_000, until: 9_000 }],
};

describe('a signed command', () => {
  test('is opened with the right key and is the command that was signed', () => {
    const opened = openMessage(Buffer.from(signCommand(command, key)), SIGNED_TYPES.command, keys);
    expect(opened).toMatchObject({ isTrusted: true, keyId: 'k1' });
    expect(opened.isTrusted && parseCommand(opened.payload)).toEqual(command);
  });

  test('is a JSON Web Signature over the bytes that are sent, the same every time', () => {
    const token = signCommand(command, key);
    expect(signCommand({ ...command }, key)).toBe(token);
    const [header = '', payload = '', signature = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'EdDSA',
      kid: 'k1',
      typ: 'igrid-command',
    });
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify(null, signed, pair.publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('with any one byte changed is not trusted, and opening it never throws', () => {
    const bytes = Buffer.from(signCommand(command, key));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = ((changed[at] ?? 0) + by) % 256;
        expect(openMessage(changed, SIGNED_TYPES.command, keys).isTrusted).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('that is cut off, or no message at all, is not trusted', () => {
    const bytes = Buffer.from(signCommand(command, key));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 200 }), (length, other) => {
        expect(openMessage(bytes.subarray(0, length), SIGNED_TYPES.command, keys).isTrusted).toBe(false);
        expect(openMessage(Buffer.from(other), SIGNED_TYPES.command, keys).isTrusted).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('is refused with the reason: key, type, signature, format', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const stop = { version: 1, seq: 1, issued: 1, release_jitter_ms: 0, reason: '' } as const;
    const reasonOf = (token: string): unknown => {
      const opened = openMessage(Buffer.from(token), SIGNED_TYPES.command, keys);
      return opened.isTrusted ? undefined : opened.reason;
    };
    expect(reasonOf(signCommand(command, { id: 'k2', key: pair.privateKey }))).toBe('key');
    expect(reasonOf(signCommand(command, { id: 'k1', key: other }))).toBe('signature');
    expect(reasonOf(signStop(stop, key))).toBe('type');
    expect(reasonOf(`${signCommand(command, key)}=`)).toBe('format');
    expect(reasonOf(signMessage(SIGNED_TYPES.command, 'x'.repeat(MAX_SIGNED_BYTES), key))).toBe('format');
  });
});

describe('a command', () => {
  test.each([
    [{ house: 'all' }, 'must not be all'],
    [{ house: '1/0' }, 'must be letters'],
    [{ seq: 0 }, 'seq'],
    [{ until: 1_000 }, 'must not be before not_before'],
    [{ until: 8_999 }, 'must be within not_before and until'],
    [{ calls: [...command.calls, ...command.calls] }, 'must not name an appliance twice'],
    [{ calls: [{ appliance: '1_0_1_5', not_before: 9_000, until: 9_000 }] }, 'must be after not_before'],
  ])('that is wrong is not signed: %j', (patch, message) => {
    expect(() => signCommand({ ...command, ...patch }, key)).toThrow(message);
  });

  test('is not parsed from anything else', () => {
    for (const text of ['', '{}', '[]', 'null', '{"version":2}']) {
      expect(parseCommand(text)).toBeUndefined();
    }
  });
});
