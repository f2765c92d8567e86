/**
 * What is kept of events, as records by key: `EVENT` holds the event, `EVENT/HOUSE` one house in it, and `_book` what
 * belongs to no event. So a report of one house writes one small record, however many houses the event has. No id begins
 * with `_` or contains `/`.
 */
import { z } from 'zod';

import { canonicalJson } from '../../core/canonical.ts';
import { MessageFormatError } from '../../core/messages/codec.ts';
import { shedevent } from '../../core/messages/messages.ts';
import { parseJson } from '../../core/parse-json.ts';
import { type Stop, stopSchema } from '../../core/shed/command.ts';
import { type ChainHead, EMPTY_CHAIN } from '../audit/chain.ts';
import type { StoredBook } from '../book/book.ts';
import type { EventTransition } from '../book/book-step.ts';
import { type ShedEvent, shedEventSchema } from '../event/shed-event.ts';
import { EventLogError } from './event-log.ts';

/** A value of null deletes the key. */
export interface KeyedRecord {
  readonly key: string;
  readonly value: Buffer | null;
}

const BOOK_KEY = '_book';

const bookStateSchema = z.strictObject({
  version: z.literal(1),
  /** The last stop of all. */
  stop: stopSchema.nullable(),
  /** The head of the audit chain, hash as hexadecimal. */
  audit: z.strictObject({ index: z.int().min(-1), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
});

/** What belongs to no event. */
export interface BookHead {
  readonly stop: Stop | undefined;
  readonly audit: ChainHead;
}

export const EMPTY_HEAD: BookHead = { stop: undefined, audit: EMPTY_CHAIN };

/** The records of an event that have changed: the event itself, its changed houses, and houses that are in it no longer. */
export function recordsOfEvent({ before, after }: EventTransition, atMs: number): KeyedRecord[] {
  const { id, phase, revision, houses, ...rest } = after;
  const record = (house: string, state: unknown): Buffer =>
    shedevent.encode({
      event_id: id,
      house_id: house,
      timestamp: atMs,
      revision,
      phase,
      state: canonicalJson(state),
    });
  const records: KeyedRecord[] = [{ key: id, value: record('', { id, phase, revision, ...rest }) }];
  for (const [house, state] of Object.entries(houses)) {
    if (before?.houses[house] !== state) {
      records.push({ key: `${id}/${house}`, value: record(house, state) });
    }
  }
  for (const house of Object.keys(before?.houses ?? {})) {
    if (!houses[house]) {
      records.push({ key: `${id}/${house}`, value: null });
    }
  }
  return records;
}

export function recordOfHead({ stop, audit }: BookHead, atMs: number): KeyedRecord {
  const state = { version: 1, stop: stop ?? null, audit: { index: audit.index, hash: audit.hash.toString('hex') } };
  const message = { event_id: '', house_id: '', timestamp: atMs, revision: 0, phase: '' };
  return { key: BOOK_KEY, value: shedevent.encode({ ...message, state: canonicalJson(state) }) };
}

/** Puts records together again, in the order in which they were written. */
export class RecordReader {
  readonly #values = new Map<string, Buffer>();

  add({ key, value }: KeyedRecord): void {
    if (value) {
      this.#values.set(key, value);
    } else {
      this.#values.delete(key);
    }
  }

  /** @throws EventLogError for a record that is not one of ours. */
  head(): BookHead {
    const value = this.#values.get(BOOK_KEY);
    if (!value) {
      return EMPTY_HEAD;
    }
    const { stop, audit } = checked(bookStateSchema, BOOK_KEY, stateOf(BOOK_KEY, value));
    return { stop: stop ?? undefined, audit: { index: audit.index, hash: Buffer.from(audit.hash, 'hex') } };
  }

  /** @throws EventLogError for a record that is not one of ours: an event must not be forgotten. */
  book(): StoredBook {
    const heads = new Map<string, object>();
    const houses = new Map<string, Record<string, unknown>>();
    for (const [key, value] of this.#values) {
      const [event = '', house] = key.split('/');
      if (key === BOOK_KEY) {
        continue;
      }
      const state = stateOf(key, value);
      if (house === undefined) {
        heads.set(event, checked(z.looseObject({}), key, state));
      } else {
        houses.set(event, { ...houses.get(event), [house]: state });
      }
    }
    const events = [...heads].map(([id, head]): ShedEvent => {
      return checked(shedEventSchema, id, { ...head, houses: houses.get(id) ?? {} });
    });
    return { events, stop: this.head().stop };
  }
}

function stateOf(key: string, value: Buffer): unknown {
  try {
    return parseJson(shedevent.decode(value).state);
  } catch (error) {
    if (error instanceof MessageFormatError) {
      throw new EventLogError(`topic shedevent, key ${key}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function checked<Value>(schema: z.ZodType<Value>, key: string, state: unknown): Value {
  const result = schema.safeParse(state);
  if (!result.success) {
    const reason = z.prettifyError(result.error).replaceAll(/\s*\n\s*/g, '; ');
    throw new EventLogError(`topic shedevent, key ${key}: its state is not one that this version knows: ${reason}`);
  }
  return result.data;
}
