/**
 * The log in Kafka: each step is one transaction over the compacted topic of events and the append-only audit trail.
 *
 * The transactional id is always the same: asking for its producer id fences off whoever held it before and aborts what
 * that one left open. Only then is the topic read, so nobody can add to it meanwhile.
 */
import type { Kafka, Message, Producer, Transaction } from 'kafkajs';

import { SHED_TOPICS } from '../../core/messages/topics.ts';
import { withAdmin } from '../../kafka/admin.ts';
import { reasonOf } from '../../kafka/producer/send-errors.ts';
import { readCommitted } from '../../kafka/read-committed.ts';
import type { StoredBook } from '../book/book.ts';
import { type EventLog, EventLogError, type LoggedStep } from './event-log.ts';
import { type BookHead, RecordReader } from './records.ts';
import { recordsOfStep } from './step-records.ts';

/** kafkajs copies a batch once per message to group it by partition, so its cost grows with the square of this. */
const BATCH_MESSAGES = 500;
/** Half of what brokers take by default (message.max.bytes), since a batch has a header and records have theirs. */
const BATCH_BYTES = 512 * 1_024;
/** Both topics have one partition. */
const PARTITION = 0;

export interface KafkaLogOptions {
  /** The same for every run of one grid's dispatcher, different for two grids on one cluster. */
  readonly transactionalId: string;
  /** Consumer group to read as; commits nothing. */
  readonly groupId: string;
  /** After this the brokers abort a transaction that a dead dispatcher left open, ms. @default 10 s */
  readonly transactionTimeoutMs?: number;
}

export class KafkaLog implements EventLog {
  readonly #kafka: Kafka;
  readonly #options: KafkaLogOptions;
  #open: { readonly producer: Producer; head: BookHead } | undefined;

  constructor(kafka: Kafka, options: KafkaLogOptions) {
    this.#kafka = kafka;
    this.#options = options;
  }

  async open(): Promise<StoredBook> {
    await this.close();
    const producer = this.#kafka.producer({
      transactionalId: this.#options.transactionalId,
      transactionTimeout: this.#options.transactionTimeoutMs ?? 10_000,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    try {
      await producer.connect();
      // kafkajs asks for the transactional producer id only now: this fences off whoever wrote before.
      await (await producer.transaction()).abort();
      const reader = await readShedEvents(this.#kafka, this.#options.groupId);
      const book = reader.book();
      this.#open = { producer, head: reader.head() };
      return book;
    } catch (error) {
      await disconnect(producer);
      throw asLogError(error);
    }
  }

  async append(step: LoggedStep): Promise<void> {
    const open = this.#open;
    if (!open) {
      throw new EventLogError('the log is not open');
    }
    // Until this step is known to be kept, nothing may be appended to it.
    this.#open = undefined;
    try {
      const { state, audit, head } = recordsOfStep(open.head, step);
      await commitTogether(open.producer, [
        { topic: SHED_TOPICS.shedaudit, messages: audit.map((value) => ({ value })) },
        { topic: SHED_TOPICS.shedevent, messages: state.map(({ key, value }) => ({ key, value })) },
      ]);
      this.#open = { producer: open.producer, head };
    } catch (error) {
      await disconnect(open.producer);
      throw asLogError(error);
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open) {
      await disconnect(open.producer);
    }
  }
}

/** All that is committed to the topic of events. @throws Error when it could not be read to its end. */
export async function readShedEvents(kafka: Kafka, groupId: string): Promise<RecordReader> {
  const reader = new RecordReader();
  await readTopic(kafka, SHED_TOPICS.shedevent, groupId, ({ key, value }) => {
    reader.add({ key: key?.toString('utf8') ?? '', value });
  });
  return reader;
}

/** Reads a topic of one partition from its first record to its present end. */
export async function readTopic(
  kafka: Kafka,
  topic: string,
  groupId: string,
  onMessage: Parameters<typeof readCommitted>[1]['onMessage'],
): Promise<void> {
  const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
  if (ends.length !== 1) {
    throw new EventLogError(`topic ${topic} has ${ends.length} partitions: its order needs exactly one`);
  }
  const stretches = ends.map(({ partition, low, high }) => ({ partition, from: BigInt(low), to: BigInt(high) }));
  await readCommitted(kafka, { topic, groupId, stretches, onMessage });
}

interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly Message[];
}

async function commitTogether(producer: Producer, parts: readonly TopicMessages[]): Promise<void> {
  const transaction = await producer.transaction();
  try {
    await sendAll(transaction, parts);
  } catch (error) {
    // If this fails as well, the brokers abort it when the log is opened again.
    await transaction.abort().catch(() => undefined);
    throw error;
  }
  await transaction.commit();
}

async function sendAll(transaction: Transaction, parts: readonly TopicMessages[]): Promise<void> {
  for (const { topic, messages } of parts) {
    for (const batch of batchesOf(messages)) {
      await transaction.send({ topic, acks: -1, messages: batch });
    }
  }
}

/** In order, each within the limits; a message that is larger than they are is a batch of its own. */
export function batchesOf(messages: readonly Message[]): Message[][] {
  const batches: Message[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    const size = (message.value?.length ?? 0) + (message.key?.length ?? 0);
    const last = batches.at(-1);
    if (last && last.length < BATCH_MESSAGES && bytes + size <= BATCH_BYTES) {
      last.push({ ...message, partition: PARTITION });
      bytes += size;
    } else {
      batches.push([{ ...message, partition: PARTITION }]);
      bytes = size;
    }
  }
  return batches;
}

/** A connection that can't be closed in order changes nothing about a step that was committed or aborted. */
const disconnect = (producer: Producer): Promise<void> => producer.disconnect().catch(() => undefined);

const asLogError = (error: unknown): EventLogError =>
  error instanceof EventLogError ? error : new EventLogError(`Kafka: ${reasonOf(error)}`, { cause: error });
