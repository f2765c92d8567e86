/**
 * An idempotent producer of one partition: each record is in the partition once and in order, whatever happens to
 * brokers and connections.
 *
 * Each partition has a producer id of its own. A broker keeps a producer's state for each partition anyway, so this
 * costs it nothing, and trouble in one partition does not affect the others.
 *
 * At most one batch of a partition is in flight (`max.in.flight.requests.per.connection=1`). Its throughput is a batch
 * per round trip, which is enough across availability zones: docs/project/performance.md has the arithmetic. A batch
 * keeps its bytes and sequence until it is acknowledged, and nothing is sent after it before that. So a broker always
 * recognises a repeated batch: it remembers a producer's last five batches, and after a restart still the last one
 * (ProducerStateManager, ProducerAppendInfo).
 */
import { sleep } from '../../core/clock/timers.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { PartitionLeaders, ProduceLink } from './broker-connections.ts';
import type { Compressor } from './compression.ts';
import { InFlightBatch } from './in-flight-batch.ts';
import { errorName, outcomeOf, type ProduceOutcome } from './produce-outcome.ts';
import { ProducerState } from './producer-state.ts';
import type { ReadingTail } from './reading-tail.ts';
import type { RecordBatch } from './record-batch.ts';
import { SinkError } from './record-sink.ts';
import { splitRecords } from './records.ts';
import { reasonOf } from './send-errors.ts';

/** See {@link PartitionSenderOptions.retryDelayMs}. */
const RETRY_DELAY_MS = { first: 20, last: 1_000 };

export interface PartitionSenderOptions {
  readonly topic: string;
  readonly partition: number;
  readonly leaders: PartitionLeaders;
  readonly memory: BatchMemory;
  /** Bytes of a batch before compression; at most what {@link memory} gives. */
  readonly batchBytes: number;
  readonly compressor: Compressor | undefined;
  /** How long a leader may wait for its followers, ms. */
  readonly replicationTimeoutMs: number;
  /** How long an answer may take, ms. */
  readonly requestTimeoutMs: number;
  /** Pause between attempts, ms, doubling; the first retry comes at once. @default from 20 to 1,000 */
  readonly retryDelayMs?: { readonly first: number; readonly last: number } | undefined;
  /** Sequence number of the very first record. @default 0 */
  readonly firstSequence?: number | undefined;
  readonly log: (level: 'error' | 'warn', message: string) => void;
  /** The batch is in the partition; its memory is used again afterwards. */
  readonly onDelivered: (batch: RecordBatch) => void;
  /** The brokers have lost readings that they had acknowledged. */
  readonly onDataLoss: () => void;
  /** Why a batch must not be sent any more, by the oldest of its timestamps. Default: none is too late. */
  readonly whyTooLate?: ((oldestMs: number) => SinkError | undefined) | undefined;
  /** No attempt will deliver the oldest batch. */
  readonly onFailure: (error: SinkError) => void;
}

export class PartitionSender {
  readonly #options: PartitionSenderOptions;
  /** Bytes that a batch may take; lowered when the topic refuses a batch as too large. */
  #limit: number;
  readonly #producer: ProducerState;
  readonly #retryDelayMs: { readonly first: number; readonly last: number };
  #open: RecordBatch;
  /** Whether the open batch is sent without waiting for more records. */
  #flushing = false;
  /** Full batches, oldest first. */
  readonly #full: RecordBatch[] = [];
  #inFlight: InFlightBatch | undefined;
  /** Whether {@link #sendAll} is under way. */
  #isSending = false;
  #link: ProduceLink | undefined;
  #ended = false;
  #lastError = '';

  constructor(options: PartitionSenderOptions) {
    this.#options = options;
    this.#limit = options.batchBytes;
    this.#retryDelayMs = options.retryDelayMs ?? RETRY_DELAY_MS;
    this.#producer = new ProducerState(options.leaders, options.firstSequence ?? 0);
    this.#open = options.memory.take();
  }

  /** The earliest timestamp that is not acknowledged; Infinity when none is. */
  get oldestMs(): number {
    let oldest = Math.min(this.#open.minTimestamp, this.#inFlight?.batch.minTimestamp ?? Infinity);
    for (const batch of this.#full) {
      oldest = Math.min(oldest, batch.minTimestamp);
    }
    return oldest;
  }

  /** Gets a producer id and a connection. @throws kafkajs' errors: try again. */
  async open(): Promise<void> {
    const { leaders, partition } = this.#options;
    await this.#producer.ensureProducerId();
    this.#link = await leaders.toLeaderOf(partition);
  }

  /** Takes a record; `block` and `at` as in {@link RecordBatch.append}. */
  append(block: Uint8Array, at: number, tail: ReadingTail): void {
    if (this.#open.append(block, at, tail, this.#limit)) {
      return;
    }
    if (this.#open.count > 0) {
      this.#full.push(this.#takeOpen());
      this.#pump();
    }
    // A record that is alone in its batch may be larger than the limit.
    if (!this.#open.append(block, at, tail, this.#open.memory.length)) {
      throw new RangeError(`a reading does not fit into a batch of ${this.#open.memory.length} B`);
    }
  }

  /** Sends the open batch without waiting for more records, as soon as nothing is in flight. */
  flush(): void {
    if (this.#open.count === 0) {
      return;
    }
    this.#flushing = true;
    this.#pump();
  }

  /** Stops sending. */
  end(): void {
    this.#ended = true;
  }

  #takeOpen(): RecordBatch {
    const batch = this.#open;
    this.#open = this.#options.memory.take();
    this.#flushing = false;
    return batch;
  }

  #nextBatch(): RecordBatch | undefined {
    return this.#full.shift() ?? (this.#flushing ? this.#takeOpen() : undefined);
  }

  /** Starts to send, unless {@link #sendAll} is under way. */
  #pump(): void {
    if (this.#isSending || this.#ended) {
      return;
    }
    this.#isSending = true;
    this.#sendAll().catch((error: unknown) => {
      this.#ended = true;
      this.#options.onFailure(error instanceof SinkError ? error : new SinkError(reasonOf(error)));
    });
  }

  /** Delivers what is there, batch after batch. */
  async #sendAll(): Promise<void> {
    while (!this.#ended) {
      const batch = this.#nextBatch();
      if (!batch) {
        this.#isSending = false;
        return;
      }
      this.#inFlight = new InFlightBatch(batch, this.#options.compressor);
      await this.#deliver(this.#inFlight);
    }
  }

  /**
   * Sends a batch until it is in the partition, or two smaller ones take its place, for as long as that takes.
   *
   * @throws SinkError when no attempt will deliver it.
   */
  async #deliver(inFlight: InFlightBatch): Promise<void> {
    const { topic, partition } = this.#options;
    for (let attempt = 1, delayMs = 0; ; attempt += 1, delayMs = this.#longer(delayMs)) {
      switch (await this.#attempt(inFlight, attempt > 1)) {
        case 'delivered':
          this.#delivered(inFlight);
          return;
        case 'tooLarge':
          this.#split(inFlight);
          return;
        case 'fatal':
          throw new SinkError(`Kafka refuses readings for topic ${topic}, partition ${partition}: ${this.#lastError}`);
        case 'outOfOrder':
          this.#reportDataLoss();
          this.#producer.bumpEpoch(inFlight);
          break;
        case 'unknownProducer':
          this.#producer.bumpEpoch(inFlight);
          break;
        case 'fenced':
          this.#producer.discardProducerId(inFlight);
          break;
        case 'retriable':
        case 'unknown':
      }
      if (delayMs > 0 && !this.#ended) {
        await sleep(delayMs);
      }
      if (this.#ended) {
        return;
      }
    }
  }

  #longer(delayMs: number): number {
    const { first, last } = this.#retryDelayMs;
    return delayMs === 0 ? first : Math.min(2 * delayMs, last);
  }

  /** Sends a batch once, to the present leader. @param isRetry asks who leads now. */
  async #attempt(inFlight: InFlightBatch, isRetry: boolean): Promise<ProduceOutcome> {
    if (isRetry || !this.#link?.usable || !this.#producer.hasProducerId) {
      try {
        await this.#reconnect();
      } catch (error) {
        this.#warn(reasonOf(error));
        return 'retriable';
      }
    }
    if (!this.#link || this.#ended) {
      return 'retriable';
    }
    if (inFlight.baseSequence === undefined) {
      this.#producer.assign(inFlight);
    }
    return this.#send(inFlight, this.#link);
  }

  async #reconnect(): Promise<void> {
    const { leaders, partition } = this.#options;
    await leaders.refresh();
    await this.#producer.ensureProducerId();
    this.#link = await leaders.toLeaderOf(partition);
  }

  /** Sends once. Never throws: without an answer the outcome is unknown. */
  async #send(inFlight: InFlightBatch, link: ProduceLink): Promise<ProduceOutcome> {
    const { topic, partition, replicationTimeoutMs, requestTimeoutMs, whyTooLate, onFailure } = this.#options;
    const tooLate = whyTooLate?.(inFlight.batch.minTimestamp);
    if (tooLate) {
      this.#ended = true;
      onFailure(tooLate);
      return 'unknown';
    }
    try {
      const target = { topic, partition, timeoutMs: replicationTimeoutMs };
      const { errorCode } = await link.produce(target, inFlight.bytes, requestTimeoutMs);
      const outcome = outcomeOf(errorCode);
      if (outcome !== 'delivered') {
        this.#lastError = errorName(errorCode);
        this.#warn(`${this.#lastError}: ${outcome}`);
      }
      return outcome;
    } catch (error) {
      inFlight.bufferInUse = true;
      this.#warn(`${reasonOf(error)}: unknown`);
      // A broker that did not answer in time must not be asked who leads now.
      if (error instanceof Error && error.name === 'KafkaJSRequestTimeoutError') {
        await link.drop(error);
      }
      return 'unknown';
    }
  }

  /**
   * After OUT_OF_ORDER_SEQUENCE. The broker would have recognised the batch in flight, so it lacks one before it. When it
   * has acknowledged one in this epoch, it has lost that.
   */
  #reportDataLoss(): void {
    if (!this.#producer.hasAckedInEpoch) {
      return;
    }
    const { topic, partition, log, onDataLoss } = this.#options;
    log('error', `topic ${topic}, partition ${partition}: Kafka has lost readings that it had acknowledged`);
    onDataLoss();
  }

  /**
   * Puts two batches in the place of one that the topic refuses as too large; they take its sequence numbers. A broker
   * checks the size before all else, so it has not appended the batch on an earlier attempt without an answer either.
   */
  #split(inFlight: InFlightBatch): void {
    const { topic, memory } = this.#options;
    const { batch } = inFlight;
    if (batch.count < 2) {
      throw new SinkError(`a reading is too large for topic ${topic}: raise its max.message.bytes`);
    }
    const halves = [memory.take(), memory.take()] as const;
    splitRecords(batch, ...halves);
    this.#producer.takeBack(inFlight);
    this.#full.unshift(...halves);
    this.#limit = Math.min(this.#limit, batch.length >> 1);
    this.#release(inFlight);
  }

  #delivered(inFlight: InFlightBatch): void {
    this.#producer.hasAckedInEpoch = true;
    this.#options.onDelivered(inFlight.batch);
    this.#release(inFlight);
  }

  #release(inFlight: InFlightBatch): void {
    const { memory } = this.#options;
    this.#inFlight = undefined;
    if (inFlight.bufferInUse && inFlight.isInPlace) {
      memory.abandon();
    } else {
      memory.giveBack(inFlight.batch);
    }
  }

  #warn(message: string): void {
    const { topic, partition, log } = this.#options;
    log('warn', `topic ${topic}, partition ${partition}: ${message}`);
  }
}
