/**
 * The fast sink: a reading becomes bytes once, in the memory that goes to the socket.
 *
 * Appliance templates (`appliance-templates.ts`) and a reading's tail (`reading-tail.ts`) make records of a batch
 * (`record-batch.ts`); a partition's sender (`partition-sender.ts`) brings batches in exactly once, over kafkajs' own
 * connections (`broker-connections.ts`). {@link KafkaJsSink} is the reference that it is compared with.
 */
import { Partitioners, type Kafka } from 'kafkajs';
import pRetry from 'p-retry';

import { WATERMARK_MS } from '../../clock/grid-clock.ts';
import { kafkaClient, type KafkaLog, type KafkaSettings } from '../kafka-client.ts';
import { SinkError, type Appliance, type EndOffsets, type RecordSink, type SinkCounts } from '../record-sink.ts';
import type { HouseGroup } from '../record-sink.ts';
import { protocolErrorType, reasonOf } from '../send-errors.ts';
import { ApplianceTemplates, TEMPLATE } from './appliance-templates.ts';
import { BatchMemory } from './batch-memory.ts';
import { BrokerConnections } from './broker-connections.ts';
import { compressorOf, type CodecName, type Compressor } from './compression.ts';
import { PartitionSender } from './partition-sender.ts';
import { ReadingTail } from './reading-tail.ts';
import type { RecordBatch } from './record-batch.ts';
import { countBetween } from './records.ts';

/** Memory of a batch: some 4,000 readings; Kafka takes up to 1 MB by default. */
const BATCH_BYTES = 256 * 1_024;

/** See {@link DirectSinkOptions.maxInFlight}. */
const MAX_IN_FLIGHT = 1;

/** How long a topic may take to show up in the brokers' metadata after it was created, ms. */
const TOPIC_PATIENCE_MS = 2_000;

const REQUEST_TIMEOUT_MS = 10_000;

export interface DirectSinkOptions {
  readonly kafka: KafkaSettings;
  readonly topic: string;
  /** @default none */
  readonly compression?: CodecName | undefined;
  /** How long brokers may take to answer at first, ms. */
  readonly connectTimeoutMs: number;
  readonly log: KafkaLog;
  /** Bytes of a batch before compression. @default 256 KB */
  readonly batchBytes?: number | undefined;
  /** Batches of a partition under way at once, 1 to 5. @default 1 */
  readonly maxInFlight?: number | undefined;
  /** How long an answer may take before the connection is given up, ms. @default 10,000 */
  readonly requestTimeoutMs?: number | undefined;
  /** Sequence number of every partition's first record. @default 0 */
  readonly firstSequence?: number | undefined;
}

export class DirectSink implements RecordSink {
  readonly counts: SinkCounts = { sent: 0, acknowledged: 0, failed: 0, late: 0 };
  /** How often a broker had lost readings that it had acknowledged: never, on a topic that is replicated. */
  gaps = 0;
  readonly #options: DirectSinkOptions;
  readonly #kafka: Kafka;
  readonly #connections: BrokerConnections;
  readonly #memory: BatchMemory;
  readonly #templates = new ApplianceTemplates();
  readonly #tail = new ReadingTail();
  readonly #partitionOf = Partitioners.DefaultPartitioner();
  #senders: PartitionSender[] = [];
  #lastHouse: { readonly id: string; readonly partition: number } | undefined;
  #failure: SinkError | undefined;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #countLateFromMs = Infinity;
  #closed = false;

  constructor(options: DirectSinkOptions) {
    this.#options = options;
    this.#kafka = kafkaClient(options.kafka, options.log, { requestTimeoutMs: this.#requestTimeoutMs });
    this.#connections = new BrokerConnections(this.#kafka, options.topic);
    this.#memory = new BatchMemory(options.batchBytes ?? BATCH_BYTES);
  }

  get pending(): number {
    return this.counts.sent - this.counts.acknowledged - this.counts.failed;
  }

  get oldestPendingMs(): number {
    let oldest = Infinity;
    for (const sender of this.#senders) oldest = Math.min(oldest, sender.oldestMs);
    return oldest;
  }

  /** Memory for appliances and batches, bytes. */
  get memory(): { readonly appliances: number; readonly batches: number } {
    return { appliances: this.#templates.bytes, batches: this.#memory.bytes };
  }

  async open(): Promise<void> {
    const { connectTimeoutMs, kafka, topic, compression = 'none' } = this.#options;
    const compressor = await compressorOf(compression);
    const where = kafka.brokers.join(',');
    const deadline = Date.now() + connectTimeoutMs;
    const topicDeadline = Date.now() + TOPIC_PATIENCE_MS;
    try {
      await pRetry(() => this.#openSenders(compressor), {
        retries: Infinity,
        minTimeout: 200,
        maxTimeout: 1_000,
        shouldRetry: ({ error }) => Date.now() < (isUnknownTopic(error) ? topicDeadline : deadline),
      });
    } catch (error) {
      if (isUnknownTopic(error)) throw new SinkError(`topic ${topic} does not exist at ${where}: create it first`);
      const patience = `${connectTimeoutMs / 1_000} s`;
      throw new SinkError(`no answer from Kafka at ${where} within ${patience} (${reasonOf(error)}): is it running?`);
    }
  }

  appliance(appliance: Appliance): number {
    // Houses come one after another, so the last one is all that needs to be remembered.
    if (this.#lastHouse?.id !== appliance.houseId) {
      this.#lastHouse = { id: appliance.houseId, partition: this.#partitionOfHouse(appliance.houseId) };
    }
    return this.#templates.add(appliance, this.#lastHouse.partition);
  }

  write(appliance: number, timestamp: number, power: number, intervalMs: number): void {
    this.#tail.setTime(timestamp, intervalMs);
    this.#append(appliance, power);
    this.counts.sent += 1;
  }

  writeGroup(group: HouseGroup, channel: number, timestamp: number, power: number, intervalMs: number): void {
    const { first, factor } = group;
    this.#tail.setTime(timestamp, intervalMs);
    const houses = first.length;
    for (let house = 0; house < houses; house += 1) {
      this.#append((first[house] ?? 0) + channel, power * (factor[house] ?? 0));
    }
    this.counts.sent += houses;
  }

  flush(): void {
    for (const sender of this.#senders) sender.flush();
  }

  acknowledgement(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async drain(): Promise<void> {
    this.flush();
    while (this.pending > 0) {
      await this.acknowledgement();
      this.flush();
    }
  }

  startCountingLateness(liveFromMs: number): void {
    this.#countLateFromMs = liveFromMs;
  }

  async endOffsets(): Promise<EndOffsets> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      const offsets = await admin.fetchTopicOffsets(this.#options.topic);
      return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
    } finally {
      await admin.disconnect();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const sender of this.#senders) sender.end();
    this.#fail(new SinkError('the sink is closed'));
    this.counts.failed += this.pending;
    await this.#connections.close();
  }

  get #requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  }

  async #openSenders(compressor: Compressor | undefined): Promise<void> {
    const partitions = await this.#connections.open();
    if (this.#senders.length === 0) {
      this.#senders = Array.from({ length: partitions }, (_, partition) => this.#sender(partition, compressor));
    }
    await Promise.all(this.#senders.map((sender) => sender.open()));
  }

  #sender(partition: number, compressor: Compressor | undefined): PartitionSender {
    const { topic, batchBytes = BATCH_BYTES, maxInFlight = MAX_IN_FLIGHT } = this.#options;
    return new PartitionSender({
      topic,
      partition,
      leaders: this.#connections,
      memory: this.#memory,
      batchBytes,
      maxInFlight,
      compressor,
      // Less than the request may take, or a slow follower would look like a dead leader.
      replicationTimeoutMs: this.#requestTimeoutMs / 2,
      requestTimeoutMs: this.#requestTimeoutMs,
      firstSequence: this.#options.firstSequence,
      log: this.#options.log,
      onDelivered: (batch) => this.#acknowledge(batch),
      onGap: () => (this.gaps += 1),
      onFailure: (error) => this.#fail(error),
    });
  }

  /** The partition is the one that Kafka's own default partitioner gives the key: murmur2 modulo the partitions. */
  #partitionOfHouse(houseId: string): number {
    return this.#partitionOf({
      topic: this.#options.topic,
      partitionMetadata: this.#senders.map((_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 0,
        replicas: [],
        isr: [],
      })),
      message: { key: houseId, value: null },
    });
  }

  #append(appliance: number, power: number): void {
    const tail = this.#tail;
    tail.setPower(power);
    const templates = this.#templates;
    const place = templates.placeOf(appliance);
    const block = templates.blockOf(place);
    const at = templates.offsetOf(place);
    const partition = (block[at + TEMPLATE.partition] ?? 0) | ((block[at + TEMPLATE.partition + 1] ?? 0) << 8);
    const sender = this.#senders[partition];
    if (!sender) throw new RangeError(`no partition ${partition}`);
    sender.append(block, at, tail);
  }

  #acknowledge(batch: RecordBatch): void {
    if (this.#closed) return;
    this.counts.acknowledged += batch.count;
    this.counts.late += countBetween(batch, this.#countLateFromMs, Date.now() - WATERMARK_MS);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #fail(error: SinkError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

function isUnknownTopic(error: unknown): boolean {
  return protocolErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
}
