/** What a step adds to the two topics. */
import { appendNote } from '../audit/chain.ts';
import type { LoggedStep } from './event-log.ts';
import { type BookHead, type KeyedRecord, recordOfHead, recordsOfEvent } from './records.ts';

export interface StepRecords {
  /** For the compacted topic. */
  readonly state: readonly KeyedRecord[];
  /** For the audit trail. */
  readonly audit: readonly Buffer[];
  readonly head: BookHead;
}

/** @param head what the step continues. */
export function recordsOfStep(head: BookHead, { atMs, events, stop, notes }: LoggedStep): StepRecords {
  let chain = head.audit;
  const audit = notes.map((note) => {
    const made = appendNote(chain, note, atMs);
    chain = made.head;
    return made.bytes;
  });
  const after: BookHead = { stop: stop ?? head.stop, audit: chain };
  const state = events.flatMap((event) => recordsOfEvent(event, atMs));
  return { state: [...state, recordOfHead(after, atMs)], audit, head: after };
}
