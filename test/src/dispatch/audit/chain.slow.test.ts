import { createHash } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { shedaudit } from '../../../../src/core/messages/messages.ts';
import {
  appendNote,
  BrokenChainError,
  type ChainHead,
  ChainVerifier,
  EMPTY_CHAIN,
} from '../../../../src/dispatch/audit/chain.ts';

function chainOf(length: number): { records: Buffer[]; head: ChainHead } {
  const records: Buffer[] = [];
  let head = EMPTY_CHAIN;
  for (let index = 0; index < length; index += 1) {
    const note = { event: 'e1', kind: 'command', actor: 'dispatcher', detail: { seq: index, house: '1_0_1' } };
    const made = appendNote(head, note, 1_000 + index);
    records.push(made.bytes);
    head = made.head;
  }
  return { records, head };
}

function verify(records: readonly Buffer[], head?: ChainHead): ChainVerifier {
  const verifier = new ChainVerifier();
  for (const record of records) {
    verifier.add(record);
  }
  if (head) {
    verifier.end(head);
  }
  return verifier;
}

describe('an audit chain', () => {
  test('verifies, from its first record or from any later one', () => {
    const { records, head } = chainOf(10);
    expect(verify(records, head).records).toBe(10);
    expect(verify(records.slice(4), head).head).toEqual(head);
    expect(() => verify([], EMPTY_CHAIN)).not.toThrow();
  });

  test('holds the SHA-256 of the bytes before, and its detail as canonical JSON', () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = chainOf(2).records;
    expect(shedaudit.decode(second)).toEqual({
      index: 1,
      timestamp: 1_001,
      event_id: 'e1',
      kind: 'command',
      actor: 'dispatcher',
      detail: '{"house":"1_0_1","seq":1}',
      previous: createHash('sha256').update(first).digest(),
    });
  });

  test('with one flipped bit anywhere is found', () => {
    const { records, head } = chainOf(8);
    fc.assert(
      fc.property(fc.nat(7), fc.nat(), fc.nat(7), (at, byte, bit) => {
        const changed = records.map((record) => Buffer.from(record));
        const record = changed[at] ?? Buffer.alloc(1);
        const place = byte % record.length;
        record[place] = (record[place] ?? 0) ^ (1 << bit);
        expect(() => verify(changed, head)).toThrow(BrokenChainError);
      }),
      { numRuns: 2_000 },
    );
  });

  test('without a record, with one twice, in another order or cut off is found', () => {
    const { records, head } = chainOf(5);
    const [a, b, c, d, e] = records;
    if (!a || !b || !c || !d || !e) {
      throw new Error('five records are expected');
    }
    expect(() => verify([a, b, d, e], head)).toThrow('record 2 is missing: record 1 is followed by 3');
    expect(() => verify([a, b, b, c, d, e], head)).toThrow('record 2 is missing: record 1 is followed by 1');
    expect(() => verify([a, c, b, d, e], head)).toThrow(BrokenChainError);
    expect(() => verify([a, b, c], head)).toThrow('records 3 to 4 are missing at the end');
  });
});
