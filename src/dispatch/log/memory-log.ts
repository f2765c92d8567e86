/** A log in memory, with the promises of the one in Kafka: for tests, and to try the dispatcher without Kafka. */
import type { StoredBook } from '../book/book.ts';
import { type EventLog, EventLogError, type LoggedStep } from './event-log.ts';
import { type BookHead, EMPTY_HEAD, type KeyedRecord, RecordReader } from './records.ts';
import { recordsOfStep } from './step-records.ts';

/** The two topics. They outlive a dispatcher; whoever opened a log on them last may write. */
export class MemoryTopics {
  /** All records that were ever written, not compacted. */
  readonly state: KeyedRecord[] = [];
  readonly audit: Buffer[] = [];
  writer: MemoryLog | undefined;
}

export class MemoryLog implements EventLog {
  readonly #topics: MemoryTopics;
  #head: BookHead = EMPTY_HEAD;

  constructor(topics: MemoryTopics = new MemoryTopics()) {
    this.#topics = topics;
  }

  async open(): Promise<StoredBook> {
    // Like over a network: nobody may count on an answer within the same turn.
    await Promise.resolve();
    this.#topics.writer = this;
    const reader = new RecordReader();
    for (const record of this.#topics.state) {
      reader.add(record);
    }
    this.#head = reader.head();
    return reader.book();
  }

  async append(step: LoggedStep): Promise<void> {
    await Promise.resolve();
    if (this.#topics.writer !== this) {
      throw new EventLogError('the log is not open, or another dispatcher has opened it since');
    }
    const { state, audit, head } = recordsOfStep(this.#head, step);
    this.#topics.state.push(...state);
    this.#topics.audit.push(...audit);
    this.#head = head;
  }

  async close(): Promise<void> {
    await Promise.resolve();
    if (this.#topics.writer === this) {
      this.#topics.writer = undefined;
    }
  }
}
