/**
 * kafkajs' idempotent producer without its gaps: each delivered message is in the topic once and in order.
 *
 * kafkajs 2.2.4 takes a batch's sequence numbers back when a send fails, so whatever is sent next gets the same
 * numbers. If the failed batch had reached the broker after all, the broker would take the next one for a duplicate
 * and drop it. It also gives up after a long outage however many retries it is allowed, because its cluster has a limit
 * of its own. Therefore only the very same batch follows a failure here, for as long as it takes, and the producer id
 * changes only while no batch is in flight. A request holds one partition: with two, a failure of one would take back
 * the numbers of both.
 */
import { CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import pRetry from 'p-retry';

import { sleep } from '../../core/clock/timers.ts';
import type { KafkaLog } from '../client.ts';
import { SinkError } from './record-sink.ts';
import { outcomeOfSendError, reasonOf, type SendOutcome } from './send-errors.ts';

/**
 * Messages that one producer id may send to a partition. Sequence numbers are 32 bits wide and go on modulo 2^31;
 * kafkajs 2.2.4 starts at 0 instead, so the id is renewed long before.
 */
const MAX_SEQUENCE = 2 ** 30;

/** How long to wait before a batch that failed is sent again, ms: doubling from the first to the last. */
const RESEND_DELAY_MS = { first: 50, last: 1_000 } as const;

export const COMPRESSIONS = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP } as const;
export type Compression = keyof typeof COMPRESSIONS;

export interface ExactlyOnceProducerOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  /** @default none - the network inside one zone is cheaper than the CPU */
  readonly compression?: Compression | undefined;
  readonly log: KafkaLog;
  /** Messages per partition and producer id. @default 2^30 */
  readonly maxSequence?: number | undefined;
}

export class ExactlyOnceProducer {
  readonly #options: ExactlyOnceProducerOptions;
  #producer: Producer | undefined;
  /** Messages delivered under the present producer id, by partition. */
  #sequences = new Map<number, number>();
  /** Batches in flight under the present producer id: without an outcome yet. */
  #inFlight = 0;
  #renewal: { readonly promise: Promise<void>; readonly begin: () => void } | undefined;
  #closed = false;

  constructor(options: ExactlyOnceProducerOptions) {
    this.#options = options;
  }

  /** Connects and gets a producer id. @throws Error when that fails: try again. */
  async connect(): Promise<void> {
    const producer = this.#options.kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      // Every message names its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
      retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
    this.#producer = producer;
    this.#sequences = new Map();
  }

  /**
   * Resolves when the broker has acknowledged the messages, however long it is away. At most one call at a time per
   * partition.
   *
   * @param messages of this partition, each with its `partition` set.
   * @throws SinkError when the broker refuses them for good, or on {@link close}.
   */
  async deliver(partition: number, messages: Message[]): Promise<void> {
    const { maxSequence = MAX_SEQUENCE, topic } = this.#options;
    for (;;) {
      if (this.#sequenceAfter(partition, messages) > maxSequence) {
        await this.#renew();
      }
      const { outcome, error } = await this.#sendUntilKnown(partition, messages);
      switch (outcome) {
        case 'delivered':
          // After an error, kafkajs has taken numbers back that the broker has used.
          if (error !== undefined) {
            await this.#renew();
          }
          return;
        case 'split': {
          if (messages.length === 1) {
            throw new SinkError(`a message is too large for topic ${topic}`);
          }
          const half = messages.length >> 1;
          await this.deliver(partition, messages.slice(0, half));
          await this.deliver(partition, messages.slice(half));
          return;
        }
        case 'newProducerId':
          await this.#renew();
          break;
        default:
          throw new SinkError(`Kafka refuses messages for topic ${topic}: ${reasonOf(error)}`);
      }
    }
  }

  /** Disconnects; deliveries under way end with an error. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#producer?.disconnect();
  }

  #sequenceAfter(partition: number, messages: readonly Message[]): number {
    return (this.#sequences.get(partition) ?? 0) + messages.length;
  }

  /** Sends the messages until it is known what became of them. */
  async #sendUntilKnown(
    partition: number,
    messages: Message[],
  ): Promise<{ outcome: Exclude<SendOutcome, 'resend'>; error?: unknown }> {
    while (this.#renewal) {
      await this.#renewal.promise;
    }
    const { topic, compression = 'none', log } = this.#options;
    this.#inFlight += 1;
    try {
      for (let delay: number = RESEND_DELAY_MS.first; ; delay = Math.min(2 * delay, RESEND_DELAY_MS.last)) {
        if (this.#closed || !this.#producer) {
          throw new SinkError(`the producer of topic ${topic} is not connected`);
        }
        try {
          await this.#producer.send({ topic, messages, acks: -1, compression: COMPRESSIONS[compression] });
          this.#sequences.set(partition, this.#sequenceAfter(partition, messages));
          return { outcome: 'delivered' };
        } catch (error) {
          const outcome = outcomeOfSendError(error);
          log('warn', `topic ${topic}, partition ${partition}: ${reasonOf(error)}: ${outcome}`);
          if (outcome !== 'resend') {
            return { outcome, error };
          }
        }
        await sleep(delay);
      }
    } finally {
      this.#inFlight -= 1;
      this.#beginRenewalIfQuiet();
    }
  }

  #beginRenewalIfQuiet(): void {
    if (this.#inFlight === 0) {
      this.#renewal?.begin();
    }
  }

  /** Takes another producer id once no batch is in flight under the present one. */
  #renew(): Promise<void> {
    if (this.#renewal) {
      return this.#renewal.promise;
    }
    let begin = (): void => undefined;
    const quiet = new Promise<void>((resolve) => (begin = resolve));
    const renewed = async (): Promise<void> => {
      await quiet;
      await this.#producer?.disconnect().catch(() => undefined);
      await pRetry(() => this.connect(), {
        retries: Infinity,
        minTimeout: 200,
        maxTimeout: 1_000,
        shouldRetry: () => !this.#closed,
      });
      this.#renewal = undefined;
    };
    const promise = renewed();
    this.#renewal = { promise, begin };
    this.#beginRenewalIfQuiet();
    return promise;
  }
}
