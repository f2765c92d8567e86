/** Where the dispatcher keeps what it decides: a port, so that the dispatcher is the same with and without Kafka. */
import type { StoredBook } from '../book/book.ts';
import type { BookStep } from '../book/book-step.ts';

/** What of a step is kept. */
export type LoggedStep = Pick<BookStep, 'atMs' | 'events' | 'stop' | 'notes'>;

/**
 * At most one dispatcher writes: {@link EventLog.open} ends the writing of whoever opened it before.
 *
 * A step is kept as a whole or not at all. After an {@link EventLog.append} that failed nobody knows which: close the log,
 * open it again, and go on from what it gives.
 */
export interface EventLog {
  /** Takes over. @returns what is kept. @throws EventLogError when it can't be read. */
  open(): Promise<StoredBook>;
  /** Resolves when the step is kept. One at a time. @throws EventLogError when that is not known, or another writes. */
  append(step: LoggedStep): Promise<void>;
  /** Never throws. */
  close(): Promise<void>;
}

/** The log can't be read or written. The message is one line that says why. */
export class EventLogError extends Error {
  override readonly name = 'EventLogError';
}
