/**
 * An idempotent producer of one partition: what it is given is in the partition once and in order, whatever happens to
 * brokers and connections.
 *
 * Each partition has a producer id of its own. A broker keeps a producer's state by partition anyway, so this costs it
 * nothing, and trouble in one partition is nobody else's.
 *
 * While all goes well, up to `maxInFlight` batches are under way over one connection. When one comes back with anything
 * but success, nothing new is sent; once the others have come back too, they are brought in one after another, oldest
 * first (`#settle`). A batch keeps its bytes and sequence until then, so the broker can tell a repetition.
 *
 * Two things follow from how a broker checks sequences (ProducerStateManager, ProducerAppendInfo):
 * - It takes a batch only if that follows the one before, so a batch that it has vouches for all before it. The
 *   exception is a producer that it does not know, which may begin anywhere: so the first batch of a producer goes alone.
 * - It remembers the last five batches, but after a restart the last one alone. A batch whose answer was lost may then
 *   be refused although it is there; before it is sent under another epoch, the ones after it are asked about.
 */
import { SinkError } from '../record-sink.ts';
import { reasonOf } from '../send-errors.ts';
import type { ReadingTail } from './reading-tail.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { BrokerConnections, ProduceConnection } from './broker-connections.ts';
import { errorName, verdictOf, type Verdict } from './broker-errors.ts';
import type { Compressor } from './compression.ts';
import type { ProducerIdentity, RecordBatch } from './record-batch.ts';
import { splitRecords } from './records.ts';
import { sequenceAfter, Shipment } from './shipment.ts';

/** How long to wait before what failed is tried again, ms: doubling from the first to the last. */
const RETRY_DELAY_MS = { first: 20, last: 1_000 } as const;

/** The last epoch of a producer id. */
const MAX_EPOCH = 2 ** 15 - 1;

/** However small a topic wants its batches, ours try to be larger than this, bytes. */
const MIN_BATCH_BYTES = 1_024;

export interface PartitionSenderOptions {
  readonly topic: string;
  readonly partition: number;
  readonly connections: BrokerConnections;
  readonly memory: BatchMemory;
  /** Bytes of a batch before compression; at most what {@link memory} gives. */
  readonly batchBytes: number;
  /** Batches under way at once, 1 to 5: a broker can recognise a repetition among its producer's last five. */
  readonly maxInFlight: number;
  readonly compressor: Compressor | undefined;
  /** How long a leader may wait for its followers, ms. */
  readonly replicationTimeoutMs: number;
  /** How long an answer may take, ms. */
  readonly requestTimeoutMs: number;
  /** Sequence number of the very first record. @default 0 */
  readonly firstSequence?: number | undefined;
  readonly log: (level: 'error' | 'warn', message: string) => void;
  /** The batch is in the partition; its memory is used again afterwards. */
  readonly onDelivered: (batch: RecordBatch) => void;
  /** The brokers have lost readings that they had acknowledged. */
  readonly onGap: () => void;
  /** No attempt will bring the oldest batch in. */
  readonly onFailure: (error: SinkError) => void;
}

export class PartitionSender {
  readonly #options: PartitionSenderOptions;
  /** Bytes that a batch may take, as far as the topic has told. */
  #limit: number;
  #open: RecordBatch;
  /** Whether the open batch shall go without waiting for more. */
  #flushing = false;
  /** Full batches, oldest first. */
  readonly #full: RecordBatch[] = [];
  /** Batches that have a sequence and are not known to be delivered, oldest first. */
  #unsettled: Shipment[] = [];
  #unanswered = 0;
  #connection: ProduceConnection | undefined;
  #producer: ProducerIdentity | undefined;
  #nextSequence: number;
  /** Whether the broker knows the producer under its present epoch. */
  #introduced = false;
  /** Whether nothing new may be sent until {@link #settle} is through. */
  #troubled = false;
  #ended = false;
  #lastError = '';

  constructor(options: PartitionSenderOptions) {
    this.#options = options;
    this.#limit = options.batchBytes;
    this.#nextSequence = options.firstSequence ?? 0;
    this.#open = options.memory.take();
  }

  /** The earliest timestamp that is not acknowledged; Infinity when none is. */
  get oldestMs(): number {
    let oldest = this.#open.minTimestamp;
    for (const batch of this.#full) oldest = Math.min(oldest, batch.minTimestamp);
    for (const { batch } of this.#unsettled) oldest = Math.min(oldest, batch.minTimestamp);
    return oldest;
  }

  /** Gets a producer id and a connection. @throws kafkajs' errors: try again. */
  async open(): Promise<void> {
    const { connections, partition } = this.#options;
    this.#producer ??= await connections.newProducer();
    this.#connection = await connections.toLeaderOf(partition);
  }

  /** Takes a record; `block` and `at` as in {@link RecordBatch.append}. */
  append(block: Uint8Array, at: number, tail: ReadingTail): void {
    if (this.#open.append(block, at, tail, this.#limit)) return;
    if (this.#open.count > 0) {
      this.#full.push(this.#takeOpen());
      this.#pump();
    }
    // Alone in its batch it may be larger than others.
    if (!this.#open.append(block, at, tail, this.#open.memory.length)) {
      throw new RangeError(`a reading does not fit into a batch of ${this.#open.memory.length} B`);
    }
  }

  /** What there is needn't wait for company: it goes when nothing is under way any more. */
  flush(): void {
    if (this.#open.count === 0) return;
    this.#flushing = true;
    this.#pump();
  }

  /** Sends nothing any more. */
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
    const full = this.#full.shift();
    if (full) return full;
    return this.#flushing && this.#unsettled.length === 0 ? this.#takeOpen() : undefined;
  }

  /** Sends what may be sent. */
  #pump(): void {
    const { maxInFlight, compressor } = this.#options;
    while (!this.#troubled && !this.#ended && this.#unsettled.length < (this.#introduced ? maxInFlight : 1)) {
      if (this.#full.length === 0 && !this.#flushing) return;
      if (!this.#producer || !this.#connection?.usable) {
        this.#startSettling();
        return;
      }
      const batch = this.#nextBatch();
      if (!batch) return;
      const shipment = new Shipment(batch, compressor);
      shipment.number(this.#producer, this.#nextSequence);
      this.#nextSequence = sequenceAfter(this.#nextSequence, batch.count);
      this.#unsettled.push(shipment);
      void this.#send(shipment, this.#connection).then((verdict) => this.#answered(shipment, verdict));
    }
  }

  #answered(shipment: Shipment, verdict: Verdict): void {
    shipment.verdict = verdict;
    if (verdict !== 'delivered') {
      this.#startSettling();
      return;
    }
    if (this.#troubled) {
      this.#startSettling();
      return;
    }
    while (this.#unsettled[0]?.verdict === 'delivered') this.#deliver(1);
    this.#pump();
  }

  /** Sends once. Never throws: no answer leaves it open what became of it. */
  async #send(shipment: Shipment, connection: ProduceConnection): Promise<Verdict> {
    const { topic, partition, replicationTimeoutMs, requestTimeoutMs, log } = this.#options;
    this.#unanswered += 1;
    try {
      const target = { topic, partition, timeoutMs: replicationTimeoutMs };
      const { errorCode } = await connection.produce(target, shipment.bytes, requestTimeoutMs);
      const verdict = verdictOf(errorCode);
      if (verdict === 'unknown') shipment.inDoubt = true;
      if (verdict !== 'delivered') {
        this.#lastError = errorName(errorCode);
        log('warn', `topic ${topic}, partition ${partition}: ${this.#lastError}: ${verdict}`);
      }
      return verdict;
    } catch (error) {
      shipment.inDoubt = true;
      shipment.lingering = true;
      log('warn', `topic ${topic}, partition ${partition}: ${reasonOf(error)}: unknown`);
      // Whoever is silent once must not be asked who leads now.
      if (error instanceof Error && error.name === 'KafkaJSRequestTimeoutError') await connection.drop(error);
      return 'unknown';
    } finally {
      this.#unanswered -= 1;
    }
  }

  #startSettling(): void {
    this.#troubled = true;
    if (this.#unanswered > 0 || this.#ended) return;
    this.#settle().then(
      () => {
        this.#troubled = false;
        this.#pump();
      },
      (error: unknown) => {
        this.#ended = true;
        this.#options.onFailure(error instanceof SinkError ? error : new SinkError(reasonOf(error)));
      },
    );
  }

  /** Brings in all that is unsettled, one batch after another, for as long as that takes. */
  async #settle(): Promise<void> {
    this.#deliver(this.#unsettled.findLastIndex(({ verdict }) => verdict === 'delivered') + 1);
    // What was said about the others was said since the first was missing.
    for (const shipment of this.#unsettled.slice(1)) shipment.verdict = undefined;
    let delayMs: number = RETRY_DELAY_MS.first;
    while (!this.#ended) {
      const [head] = this.#unsettled;
      if (!head) {
        if (this.#producer && this.#connection?.usable) return;
        await this.#reconnect().catch(() => undefined);
      } else {
        const before = this.#unsettled.length;
        await this.#settleHead(head);
        if (this.#unsettled.length !== before || head.verdict === undefined) {
          delayMs = RETRY_DELAY_MS.first;
          continue;
        }
      }
      await sleep(delayMs);
      delayMs = Math.min(2 * delayMs, RETRY_DELAY_MS.last);
    }
  }

  /** Does what the oldest batch's verdict asks for. */
  async #settleHead(head: Shipment): Promise<void> {
    const { topic, partition } = this.#options;
    switch (head.verdict) {
      case 'delivered':
        this.#deliver(1);
        return;
      case undefined:
      case 'refused':
      case 'unknown':
        head.verdict = await this.#attempt(head);
        if (head.verdict === 'delivered') this.#deliver(1);
        return;
      case 'gap':
        await this.#closeGap(head);
        return;
      case 'forgotten':
        await this.#renew(false);
        return;
      case 'fenced':
        await this.#renew(true);
        return;
      case 'too-large':
        this.#split(head);
        return;
      case 'fatal':
        throw new SinkError(`Kafka refuses readings for topic ${topic}, partition ${partition}: ${this.#lastError}`);
    }
  }

  /** One more attempt with a batch, at whoever leads now. */
  async #attempt(shipment: Shipment): Promise<Verdict> {
    if (shipment.verdict !== undefined || !this.#connection?.usable) {
      try {
        await this.#reconnect();
      } catch (error) {
        const { topic, partition, log } = this.#options;
        log('warn', `topic ${topic}, partition ${partition}: ${reasonOf(error)}`);
        return 'refused';
      }
    }
    return this.#connection && !this.#ended ? this.#send(shipment, this.#connection) : 'refused';
  }

  async #reconnect(): Promise<void> {
    const { connections, partition } = this.#options;
    await connections.refresh();
    this.#producer ??= await connections.newProducer();
    this.#connection = await connections.toLeaderOf(partition);
  }

  /**
   * The broker says that the oldest batch does not follow what it has. Either it has forgotten that it has this one,
   * or it has lost what it acknowledged.
   */
  async #closeGap(head: Shipment): Promise<void> {
    const { topic, partition, log } = this.#options;
    if (head.inDoubt) {
      for (const later of this.#unsettled.slice(1)) {
        if (!later.inDoubt) break;
        do {
          if (this.#ended) return;
          later.verdict = await this.#attempt(later);
          if (later.verdict === 'refused' || later.verdict === 'unknown') await sleep(RETRY_DELAY_MS.last);
        } while (later.verdict === 'refused' || later.verdict === 'unknown');
        if (later.verdict === 'delivered') {
          this.#deliver(this.#unsettled.indexOf(later) + 1);
          return;
        }
      }
    } else if (this.#introduced) {
      log('error', `topic ${topic}, partition ${partition}: Kafka has lost readings that it had acknowledged`);
      this.#options.onGap();
    }
    await this.#renew(false);
  }

  /**
   * Gives all that is unsettled new sequence numbers from 0 on. None of it is in the partition, and under a later epoch
   * the broker refuses whatever may still be on its way under the old one (KIP-360).
   *
   * @param replaced whether another id is needed, not just an epoch.
   */
  async #renew(replaced: boolean): Promise<void> {
    const { id, epoch } = this.#producer ?? { id: -1n, epoch: MAX_EPOCH };
    const another = replaced || epoch >= MAX_EPOCH;
    const producer = another ? await this.#newProducer() : { id, epoch: epoch + 1 };
    if (!producer) return;
    this.#producer = producer;
    this.#introduced = false;
    this.#nextSequence = 0;
    for (const shipment of this.#unsettled) {
      shipment.number(producer, this.#nextSequence);
      this.#nextSequence = sequenceAfter(this.#nextSequence, shipment.batch.count);
    }
  }

  /** @returns undefined when the sender was ended while it waited. */
  async #newProducer(): Promise<ProducerIdentity | undefined> {
    while (!this.#ended) {
      try {
        return await this.#options.connections.newProducer();
      } catch (error) {
        this.#options.log('warn', `no producer id: ${reasonOf(error)}`);
        await sleep(RETRY_DELAY_MS.last);
        await this.#options.connections.refresh().catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Puts two batches in the place of one that the topic finds too large; they take the very same sequence numbers. */
  #split(head: Shipment): void {
    const { topic, partition, memory, compressor } = this.#options;
    const producer = this.#producer;
    const { batch, sequence } = head;
    if (batch.count < 2 || !producer) {
      throw new SinkError(`a reading is too large for topic ${topic}: raise its max.message.bytes`);
    }
    if (head.inDoubt) {
      throw new SinkError(
        `topic ${topic}, partition ${partition}: a batch that may be in is now too large: ` +
          'max.message.bytes was lowered while it was on its way',
      );
    }
    const halves = [memory.take(), memory.take()] as const;
    splitRecords(batch, ...halves);
    const shipments = halves.map((half) => new Shipment(half, compressor));
    let next = sequence;
    for (const shipment of shipments) {
      shipment.number(producer, next);
      next = sequenceAfter(next, shipment.batch.count);
    }
    this.#unsettled.splice(0, 1, ...shipments);
    this.#limit = Math.max(MIN_BATCH_BYTES, Math.min(this.#limit, batch.length >> 1));
    memory.giveBack(batch);
  }

  /** The oldest so many are in. */
  #deliver(count: number): void {
    const { memory, onDelivered } = this.#options;
    for (const { batch, lingering, inPlace } of this.#unsettled.splice(0, count)) {
      this.#introduced = true;
      onDelivered(batch);
      if (lingering && inPlace) memory.abandon();
      else memory.giveBack(batch);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
