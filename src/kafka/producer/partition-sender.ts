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
import { sleep } from '../../core/clock/timers.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { PartitionLeaders, ProduceLink } from './broker-connections.ts';
import { errorName, type Verdict, verdictOf } from './broker-errors.ts';
import type { Compressor } from './compression.ts';
import { ProducerSequence } from './producer-sequence.ts';
import type { ReadingTail } from './reading-tail.ts';
import type { RecordBatch } from './record-batch.ts';
import { SinkError } from './record-sink.ts';
import { splitRecords } from './records.ts';
import { reasonOf } from './send-errors.ts';
import { Shipment } from './shipment.ts';

/** See {@link PartitionSenderOptions.retryDelayMs}. */
const RETRY_DELAY_MS = { first: 20, last: 1_000 };

export interface PartitionSenderOptions {
  readonly topic: string;
  readonly partition: number;
  readonly leaders: PartitionLeaders;
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
  /** How long to wait before what failed is tried again, ms, doubling. @default from 20 to 1,000 */
  readonly retryDelayMs?: { readonly first: number; readonly last: number } | undefined;
  /** Sequence number of the very first record. @default 0 */
  readonly firstSequence?: number | undefined;
  readonly log: (level: 'error' | 'warn', message: string) => void;
  /** The batch is in the partition; its memory is used again afterwards. */
  readonly onDelivered: (batch: RecordBatch) => void;
  /** The brokers have lost readings that they had acknowledged. */
  readonly onGap: () => void;
  /** Why a batch must not be sent any more, by the oldest of its timestamps. Default: none is too late. */
  readonly whyTooLate?: ((oldestMs: number) => SinkError | undefined) | undefined;
  /** No attempt will bring the oldest batch in. */
  readonly onFailure: (error: SinkError) => void;
}

export class PartitionSender {
  readonly #options: PartitionSenderOptions;
  /** Bytes that a batch may take, as far as the topic has told. */
  #limit: number;
  readonly #producer: ProducerSequence;
  readonly #retryDelayMs: { readonly first: number; readonly last: number };
  #open: RecordBatch;
  /** Whether the open batch shall go without waiting for more. */
  #flushing = false;
  /** Full batches, oldest first. */
  readonly #full: RecordBatch[] = [];
  /** Batches that have a sequence and are not known to be delivered, oldest first. */
  #unsettled: Shipment[] = [];
  /** Of those, how many {@link #pump} has sent that have not come back. */
  #unanswered = 0;
  #link: ProduceLink | undefined;
  /** Whether nothing new may be sent until {@link #settle} is through. */
  #troubled = false;
  #ended = false;
  #lastError = '';

  constructor(options: PartitionSenderOptions) {
    this.#options = options;
    this.#limit = options.batchBytes;
    this.#retryDelayMs = options.retryDelayMs ?? RETRY_DELAY_MS;
    this.#producer = new ProducerSequence(options.leaders, options.firstSequence ?? 0);
    this.#open = options.memory.take();
  }

  /** The earliest timestamp that is not acknowledged; Infinity when none is. */
  get oldestMs(): number {
    let oldest = this.#open.minTimestamp;
    for (const batch of this.#full) {
      oldest = Math.min(oldest, batch.minTimestamp);
    }
    for (const { batch } of this.#unsettled) {
      oldest = Math.min(oldest, batch.minTimestamp);
    }
    return oldest;
  }

  /** Gets a producer id and a connection. @throws kafkajs' errors: try again. */
  async open(): Promise<void> {
    const { leaders, partition } = this.#options;
    await this.#producer.begin();
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
    // Alone in its batch it may be larger than others.
    if (!this.#open.append(block, at, tail, this.#open.memory.length)) {
      throw new RangeError(`a reading does not fit into a batch of ${this.#open.memory.length} B`);
    }
  }

  /** What there is needn't wait for company: it goes when nothing is under way any more. */
  flush(): void {
    if (this.#open.count === 0) {
      return;
    }
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
    if (full) {
      return full;
    }
    return this.#flushing && this.#unsettled.length === 0 ? this.#takeOpen() : undefined;
  }

  /** Sends what may be sent. */
  #pump(): void {
    const { maxInFlight, compressor } = this.#options;
    while (!this.#troubled && !this.#ended && this.#unsettled.length < (this.#producer.introduced ? maxInFlight : 1)) {
      if (this.#full.length === 0 && !this.#flushing) {
        return;
      }
      if (!this.#producer.begun || !this.#link?.usable) {
        this.#startSettling();
        return;
      }
      const batch = this.#nextBatch();
      if (!batch) {
        return;
      }
      const shipment = new Shipment(batch, compressor);
      this.#producer.number(shipment);
      this.#unsettled.push(shipment);
      this.#unanswered += 1;
      void this.#send(shipment, this.#link).then((verdict) => this.#answered(shipment, verdict));
    }
  }

  #answered(shipment: Shipment, verdict: Verdict): void {
    shipment.verdict = verdict;
    this.#unanswered -= 1;
    if (verdict !== 'delivered' || this.#troubled) {
      this.#startSettling();
      return;
    }
    while (this.#unsettled[0]?.verdict === 'delivered') {
      this.#deliver(1);
    }
    this.#pump();
  }

  /** Sends once. Never throws: no answer leaves it open what became of it. */
  async #send(shipment: Shipment, link: ProduceLink): Promise<Verdict> {
    const { topic, partition, replicationTimeoutMs, requestTimeoutMs, log, whyTooLate, onFailure } = this.#options;
    const tooLate = whyTooLate?.(shipment.batch.minTimestamp);
    if (tooLate) {
      this.#ended = true;
      onFailure(tooLate);
      return 'unknown';
    }
    try {
      const target = { topic, partition, timeoutMs: replicationTimeoutMs };
      const { errorCode } = await link.produce(target, shipment.bytes, requestTimeoutMs);
      const verdict = verdictOf(errorCode);
      if (verdict === 'unknown') {
        shipment.inDoubt = true;
      }
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
      if (error instanceof Error && error.name === 'KafkaJSRequestTimeoutError') {
        await link.drop(error);
      }
      return 'unknown';
    }
  }

  /** Once all that is under way has come back. Until then, and until it is settled, nothing new is sent. */
  #startSettling(): void {
    this.#troubled = true;
    if (this.#unanswered > 0 || this.#ended) {
      return;
    }
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
    for (const shipment of this.#unsettled.slice(1)) {
      shipment.verdict = undefined;
    }
    let delayMs = this.#retryDelayMs.first;
    while (!this.#ended) {
      const [head] = this.#unsettled;
      if (!head) {
        if (this.#producer.begun && this.#link?.usable) {
          return;
        }
        await this.#reconnect().catch(() => undefined);
      } else {
        const before = this.#unsettled.length;
        await this.#settleHead(head);
        if (this.#unsettled.length !== before || head.verdict === undefined) {
          delayMs = this.#retryDelayMs.first;
          continue;
        }
      }
      await sleep(delayMs);
      delayMs = Math.min(2 * delayMs, this.#retryDelayMs.last);
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
        if (head.verdict === 'delivered') {
          this.#deliver(1);
        }
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
    if (shipment.verdict !== undefined || !this.#link?.usable) {
      try {
        await this.#reconnect();
      } catch (error) {
        const { topic, partition, log } = this.#options;
        log('warn', `topic ${topic}, partition ${partition}: ${reasonOf(error)}`);
        return 'refused';
      }
    }
    return this.#link && !this.#ended ? this.#send(shipment, this.#link) : 'refused';
  }

  async #reconnect(): Promise<void> {
    const { leaders, partition } = this.#options;
    await leaders.refresh();
    await this.#producer.begin();
    this.#link = await leaders.toLeaderOf(partition);
  }

  /**
   * The broker says that the oldest batch does not follow what it has. Either it has forgotten that it has this one,
   * and has one of those after it; or it has lost what it acknowledged.
   */
  async #closeGap(head: Shipment): Promise<void> {
    for (const later of head.inDoubt ? this.#unsettled.slice(1) : []) {
      if (!later.inDoubt) {
        break;
      }
      while (later.verdict === undefined || later.verdict === 'refused' || later.verdict === 'unknown') {
        if (this.#ended) {
          return;
        }
        if (later.verdict !== undefined) {
          await sleep(this.#retryDelayMs.last);
        }
        later.verdict = await this.#attempt(later);
      }
      if (later.verdict === 'delivered') {
        this.#deliver(this.#unsettled.indexOf(later) + 1);
        return;
      }
    }
    if (this.#producer.introduced) {
      const { topic, partition, log, onGap } = this.#options;
      log('error', `topic ${topic}, partition ${partition}: Kafka has lost readings that it had acknowledged`);
      onGap();
    }
    await this.#renew(false);
  }

  /** See {@link ProducerSequence.renew}; while that fails, the oldest batch's verdict stays, and so it is tried again. */
  async #renew(replaced: boolean): Promise<void> {
    try {
      await this.#producer.renew(this.#unsettled, replaced);
    } catch (error) {
      this.#options.log('warn', `no producer id: ${reasonOf(error)}`);
      await this.#options.leaders.refresh().catch(() => undefined);
    }
  }

  /**
   * Puts two batches in the place of one that the topic finds too large; they take the very same sequence numbers. That
   * it is too large is found before all else, so it was not taken either when an answer was lost before.
   */
  #split(head: Shipment): void {
    const { topic, memory, compressor } = this.#options;
    const { batch } = head;
    if (batch.count < 2) {
      throw new SinkError(`a reading is too large for topic ${topic}: raise its max.message.bytes`);
    }
    const halves = [memory.take(), memory.take()] as const;
    splitRecords(batch, ...halves);
    const shipments = halves.map((half) => new Shipment(half, compressor));
    this.#producer.numberInPlaceOf(head, shipments);
    this.#unsettled.splice(0, 1, ...shipments);
    this.#limit = Math.min(this.#limit, batch.length >> 1);
    this.#release(head);
  }

  /** The oldest so many are in. */
  #deliver(count: number): void {
    for (const shipment of this.#unsettled.splice(0, count)) {
      this.#producer.introduced = true;
      this.#options.onDelivered(shipment.batch);
      this.#release(shipment);
    }
  }

  #release({ batch, lingering, inPlace }: Shipment): void {
    const { memory } = this.#options;
    if (lingering && inPlace) {
      memory.abandon();
    } else {
      memory.giveBack(batch);
    }
  }
}
