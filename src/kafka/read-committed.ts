/** Reads a stretch of a topic as Druid sees it: whole transactions and nothing of those that were aborted or left open. */
import type { Kafka, KafkaMessage } from 'kafkajs';

import { after } from '../core/clock/timers.ts';

/** Where a reading of a partition starts and ends. */
export interface Stretch {
  readonly partition: number;
  /** Offset of the first record. */
  readonly from: bigint;
  /** Offset after the last record. */
  readonly to: bigint;
}

export interface ReadCommittedOptions {
  readonly topic: string;
  /** Consumer group to read as; commits nothing. Needs to be granted where brokers check that. */
  readonly groupId: string;
  readonly stretches: readonly Stretch[];
  /** Called with each message, in order within its partition. */
  readonly onMessage: (message: KafkaMessage, partition: number) => void;
  /** An open transaction in a stretch holds a reader up until it ends: how long to wait for that, ms. @default 60,000 */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** @throws Error when not all of the stretches could be read in time, or the brokers did not let us. */
export async function readCommitted(kafka: Kafka, options: ReadCommittedOptions): Promise<void> {
  const { topic, groupId, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const open = new Map(options.stretches.filter(({ from, to }) => from < to).map((s) => [s.partition, s]));
  if (open.size === 0) {
    return;
  }

  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
  const { promise: finished, resolve, reject } = withResolvers();
  const cancel = after(timeoutMs, () => {
    const where = [...open.keys()].join(', ');
    reject(new Error(`topic ${topic} could not be read to its end in ${timeoutMs / 1_000} s (partitions ${where})`));
  });
  // Batches that hold nothing but aborted messages or marks come to no handler, but all batches come to this event.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    const stretch = open.get(payload.partition);
    if (stretch && BigInt(payload.lastOffset) + 1n >= stretch.to) {
      open.delete(payload.partition);
    }
    if (open.size === 0) {
      resolve();
    }
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: ({ batch }) => {
        const stretch = open.get(batch.partition);
        for (const message of stretch ? batch.messages : []) {
          const offset = BigInt(message.offset);
          if (stretch && offset >= stretch.from && offset < stretch.to) {
            options.onMessage(message, batch.partition);
          }
        }
        return Promise.resolve();
      },
    });
    for (const { partition, from } of open.values()) {
      consumer.seek({ topic, partition, offset: String(from) });
    }
    await finished;
  } finally {
    cancel();
    await consumer.disconnect();
  }
}

/** Promise.withResolvers, which Node has from version 22 on. */
function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
