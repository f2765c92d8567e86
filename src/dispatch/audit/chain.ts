/**
 * The audit trail: records in which each holds the SHA-256 of the bytes of the one before. A record that is changed, taken
 * out, added or moved breaks the chain; one that is cut off at the end is missed by whoever knows the head.
 */
import { createHash } from 'node:crypto';

import { canonicalJson } from '../../core/canonical.ts';
import { MessageFormatError } from '../../core/messages/codec.ts';
import { shedaudit } from '../../core/messages/messages.ts';
import type { AuditNote } from '../event/inputs.ts';

const NOTHING = Buffer.alloc(32);

/** The end of a chain: what the next record continues. */
export interface ChainHead {
  /** Of the last record; -1 of an empty chain. */
  readonly index: number;
  /** SHA-256 of the last record's bytes; zeros of an empty chain. */
  readonly hash: Buffer;
}

export const EMPTY_CHAIN: ChainHead = { index: -1, hash: NOTHING };

/**
 * The bytes of the next record, and the head after it.
 *
 * @param atMs when it was decided, wall-clock ms.
 * @throws RangeError for a detail that JSON has no text for.
 */
export function appendNote(head: ChainHead, note: AuditNote, atMs: number): { bytes: Buffer; head: ChainHead } {
  const bytes = shedaudit.encode({
    index: head.index + 1,
    timestamp: atMs,
    event_id: note.event,
    kind: note.kind,
    actor: note.actor,
    detail: canonicalJson(note.detail),
    previous: head.hash,
  });
  return { bytes, head: { index: head.index + 1, hash: hashOf(bytes) } };
}

/** Where a chain is broken, and how, in one line. */
export class BrokenChainError extends Error {
  override readonly name = 'BrokenChainError';
}

/** Follows a chain record by record. */
export class ChainVerifier {
  #head: ChainHead | undefined;
  #records = 0;

  /** Of the records so far; undefined before the first. */
  get head(): ChainHead | undefined {
    return this.#head;
  }

  get records(): number {
    return this.#records;
  }

  /**
   * The next record. The first may be any: older ones are deleted when their time of retention is over.
   *
   * @throws BrokenChainError when it does not continue the chain.
   */
  add(bytes: Buffer): void {
    const { index, previous } = decoded(bytes, this.#head);
    if (this.#head && index !== this.#head.index + 1) {
      throw new BrokenChainError(
        `record ${this.#head.index + 1} is missing: record ${this.#head.index} is followed by ${index}`,
      );
    }
    if (this.#head ? !previous.equals(this.#head.hash) : index === 0 && !previous.equals(NOTHING)) {
      throw new BrokenChainError(`record ${index} does not continue the one before: one of them was changed`);
    }
    this.#head = { index, hash: hashOf(bytes) };
    this.#records += 1;
  }

  /**
   * The chain is at its end.
   *
   * @param known the head as stored elsewhere, such as with the newest event.
   * @throws BrokenChainError when the chain ends before it, or with another record.
   */
  end(known: ChainHead): void {
    const head = this.#head ?? EMPTY_CHAIN;
    if (head.index < known.index) {
      throw new BrokenChainError(`records ${head.index + 1} to ${known.index} are missing at the end`);
    }
    if (head.index === known.index && !head.hash.equals(known.hash)) {
      throw new BrokenChainError(`record ${head.index}, the last, was changed`);
    }
  }
}

function decoded(bytes: Buffer, head: ChainHead | undefined): { index: number; previous: Buffer } {
  try {
    return shedaudit.decode(bytes);
  } catch (error) {
    if (error instanceof MessageFormatError) {
      const where = head ? `the record after ${head.index}` : 'the first record';
      throw new BrokenChainError(`${where} is no audit record`);
    }
    throw error;
  }
}

const hashOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
