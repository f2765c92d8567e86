/**
 * Writes a slot as one Kafka transaction, so that committed readers (Druid is one) see all of it or nothing.
 *
 * The transactional id is the schedule's, always the same. Asking for its producer id fences off the producer that held
 * it before and aborts what that one left open. From then on only this producer can add to the topic, and only then it
 * checks whether the slot is there already. So a slot is written once, however often it is run, killed, or run by two at
 * a time.
 */
import type { Kafka, Producer, Transaction } from 'kafkajs';

import { type History, history } from '../core/messages/messages.ts';
import { TOPICS } from '../core/messages/topics.ts';
import { messagesOfSlot } from './whole-slots.ts';

/** kafkajs copies a batch once per message to group it by partition, so its cost grows with the square of this. */
const BATCH_MESSAGES = 1_000;

export interface SlotWriterOptions {
  /** The same for every run of a schedule, different for two grids on one cluster. */
  readonly transactionalId: string;
  /** Consumer group to look at the topic as; commits nothing. */
  readonly groupId: string;
  /** After this the brokers abort a transaction that a dead run left open, ms; MSK and Kafka allow up to 15 minutes. */
  readonly transactionTimeoutMs: number;
}

/** What became of a slot. */
export interface SlotOutcome {
  /** False when an earlier run had written it. */
  readonly written: boolean;
  /** How many messages of the slot the topic holds. */
  readonly messages: number;
}

/**
 * @param slotMs the slot, wall-clock ms since the epoch; also the records' timestamp.
 * @param messages what to write; not asked for when the slot is there already. If it throws, nothing is written.
 * @param beforeCommit the last chance to throw: nothing is written then.
 */
export async function writeSlot(
  kafka: Kafka,
  options: SlotWriterOptions,
  slotMs: number,
  messages: () => AsyncIterable<History>,
  beforeCommit: () => Promise<void>,
): Promise<SlotOutcome> {
  const producer = kafka.producer({
    transactionalId: options.transactionalId,
    transactionTimeout: options.transactionTimeoutMs,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  try {
    const transaction = await producer.transaction();
    return await endTransaction(transaction, async () => {
      const there = await messagesOfSlot(kafka, options.groupId, slotMs);
      if (there > 0) {
        return { written: false, messages: there };
      }
      const sent = await sendAll(transaction, slotMs, messages());
      await beforeCommit();
      return { written: sent > 0, messages: sent };
    });
  } finally {
    await disconnect(producer);
  }
}

/** Commits what `work` sent, or aborts it when that throws. */
async function endTransaction(transaction: Transaction, work: () => Promise<SlotOutcome>): Promise<SlotOutcome> {
  let outcome: SlotOutcome;
  try {
    outcome = await work();
  } catch (error) {
    // The caller must get the first error. An abort that fails as well is made up for by the brokers when
    // the next run asks for the producer id, or when the transaction times out.
    await transaction.abort().catch(() => undefined);
    throw error;
  }
  await transaction.commit();
  return outcome;
}

async function sendAll(transaction: Transaction, slotMs: number, messages: AsyncIterable<History>): Promise<number> {
  let sent = 0;
  let batch: { key: string; value: Buffer; timestamp: string }[] = [];
  const send = async (): Promise<void> => {
    if (batch.length === 0) {
      return;
    }
    await transaction.send({ topic: TOPICS.history, acks: -1, messages: batch });
    sent += batch.length;
    batch = [];
  };
  for await (const message of messages) {
    batch.push({ key: message.house_id, value: history.encode(message), timestamp: String(slotMs) });
    if (batch.length >= BATCH_MESSAGES) {
      await send();
    }
  }
  await send();
  return sent;
}

/** A connection that can't be closed in order changes nothing about a slot that was committed or aborted. */
const disconnect = (producer: Producer): Promise<void> => producer.disconnect().catch(() => undefined);
