/** The reference sink: Avro by avsc, records and connections by kafkajs. */
import { Partitioners, type Kafka, type Message } from 'kafkajs';
import pRetry from 'p-retry';

import { WATERMARK_MS } from '../clock/grid-clock.ts';
import { powerraw } from '../messages/messages.ts';
import { ExactlyOnceProducer, type Compression } from './exactly-once-producer.ts';
import { kafkaClient, type KafkaLog, type KafkaSettings } from './kafka-client.ts';
import { PartitionLane, type Batch } from './partition-lane.ts';
import {
  SinkError,
  type Appliance,
  type EndOffsets,
  type HouseGroup,
  type RecordSink,
  type SinkCounts,
} from './record-sink.ts';
import { protocolErrorType, reasonOf } from './send-errors.ts';

/** kafkajs copies a batch once per message to group it by partition, so its cost grows with the square of this. */
const BATCH_READINGS = 500;

/** How long a topic may take to show up in the brokers' metadata after it was created, ms. */
const TOPIC_PATIENCE_MS = 2_000;

export interface KafkaJsSinkOptions {
  readonly kafka: KafkaSettings;
  readonly topic: string;
  /** @default none */
  readonly compression?: Compression | undefined;
  /** How long brokers may take to answer at first, ms. */
  readonly connectTimeoutMs: number;
  readonly log: KafkaLog;
  /** Messages per partition and producer id. @default 2^30 */
  readonly maxSequence?: number | undefined;
}

/** Where the readings of a house go. */
interface Route {
  readonly key: Buffer;
  readonly lane: PartitionLane;
}

interface KnownAppliance extends Appliance {
  readonly route: Route;
}

export class KafkaJsSink implements RecordSink {
  readonly counts: SinkCounts = { sent: 0, acknowledged: 0, failed: 0, late: 0 };
  readonly #options: KafkaJsSinkOptions;
  readonly #kafka: Kafka;
  readonly #producer: ExactlyOnceProducer;
  readonly #appliances: KnownAppliance[] = [];
  readonly #routes = new Map<string, Route>();
  #lanes: PartitionLane[] = [];
  #failure: SinkError | undefined;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #countLateFromMs = Infinity;
  #closed = false;

  constructor(options: KafkaJsSinkOptions) {
    this.#options = options;
    this.#kafka = kafkaClient(options.kafka, options.log);
    this.#producer = new ExactlyOnceProducer({ ...options, kafka: this.#kafka });
  }

  get pending(): number {
    return this.counts.sent - this.counts.acknowledged - this.counts.failed;
  }

  get oldestPendingMs(): number {
    let oldest = Infinity;
    for (const lane of this.#lanes) oldest = Math.min(oldest, lane.oldestMs);
    return oldest;
  }

  async open(): Promise<void> {
    const { connectTimeoutMs, kafka, topic } = this.#options;
    const where = kafka.brokers.join(',');
    const deadline = Date.now() + connectTimeoutMs;
    const topicDeadline = Date.now() + TOPIC_PATIENCE_MS;
    try {
      await pRetry(
        async () => {
          this.#lanes = await this.#findPartitions();
          await this.#producer.connect();
        },
        {
          retries: Infinity,
          minTimeout: 200,
          maxTimeout: 1_000,
          shouldRetry: ({ error }) => Date.now() < (isUnknownTopic(error) ? topicDeadline : deadline),
        },
      );
    } catch (error) {
      if (isUnknownTopic(error)) throw new SinkError(`topic ${topic} does not exist at ${where}: create it first`);
      const patience = `${connectTimeoutMs / 1_000} s`;
      throw new SinkError(`no answer from Kafka at ${where} within ${patience} (${reasonOf(error)}): is it running?`);
    }
  }

  appliance(appliance: Appliance): number {
    return this.#appliances.push({ ...appliance, route: this.#routeOf(appliance.houseId) }) - 1;
  }

  write(appliance: number, timestamp: number, power: number, intervalMs: number): void {
    const known = this.#appliances[appliance];
    if (!known) throw new RangeError(`no appliance ${appliance}`);
    this.counts.sent += 1;
    const { lane } = known.route;
    if (lane.write(appliance, timestamp, power, intervalMs)) this.#start(lane);
  }

  writeGroup(
    { first, factor }: HouseGroup,
    channel: number,
    timestamp: number,
    power: number,
    intervalMs: number,
  ): void {
    for (let house = 0; house < first.length; house += 1) {
      this.write((first[house] ?? 0) + channel, timestamp, power * (factor[house] ?? 1), intervalMs);
    }
  }

  flush(): void {
    for (const lane of this.#lanes) this.#start(lane);
  }

  acknowledgement(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async drain(): Promise<void> {
    this.flush();
    while (this.pending > 0) await this.acknowledgement();
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
    this.#fail(new SinkError('the sink is closed'));
    this.counts.failed += this.pending;
    await this.#producer.close();
  }

  async #findPartitions(): Promise<PartitionLane[]> {
    const { kafka, topic, log } = this.#options;
    // Without retries of its own: the caller's limit is the one that counts.
    const admin = kafkaClient(kafka, log, { retries: 0 }).admin();
    try {
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions.length ?? 0;
      return Array.from({ length: partitions }, (_, partition) => new PartitionLane(partition, BATCH_READINGS));
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  /** The partition is the one that Kafka's own default partitioner gives the key: murmur2 modulo the partitions. */
  #routeOf(houseId: string): Route {
    const known = this.#routes.get(houseId);
    if (known) return known;
    const key = Buffer.from(houseId);
    const partition = Partitioners.DefaultPartitioner()({
      topic: this.#options.topic,
      partitionMetadata: this.#lanes.map((lane) => ({
        partitionErrorCode: 0,
        partitionId: lane.partition,
        leader: 0,
        replicas: [],
        isr: [],
      })),
      message: { key, value: null },
    });
    const lane = this.#lanes[partition];
    if (!lane) throw new SinkError(`topic ${this.#options.topic} has no partition ${partition}`);
    const route = { key, lane };
    this.#routes.set(houseId, route);
    return route;
  }

  #start(lane: PartitionLane): void {
    if (lane.idle && !this.#failure) this.#run(lane).catch((error: unknown) => this.#fail(error));
  }

  async #run(lane: PartitionLane): Promise<void> {
    for (let batch = lane.start(); batch; batch = lane.start()) {
      await this.#producer.deliver(lane.partition, this.#encode(batch));
      if (this.#closed) return;
      this.#acknowledge(batch);
      lane.finish();
      for (const { resolve } of this.#waiting.splice(0)) resolve();
    }
  }

  #acknowledge(batch: Batch): void {
    this.counts.acknowledged += batch.length;
    const tooOld = Date.now() - WATERMARK_MS;
    for (let index = 0; index < batch.length; index += 1) {
      const timestamp = batch.timestamp[index] ?? Infinity;
      if (timestamp < tooOld && timestamp >= this.#countLateFromMs) this.counts.late += 1;
    }
  }

  #encode(batch: Batch): Message[] {
    const messages: Message[] = [];
    for (let index = 0; index < batch.length; index += 1) {
      const known = this.#appliances[batch.appliance[index] ?? -1];
      if (!known) continue;
      const timestamp = batch.timestamp[index] ?? 0;
      const value = powerraw.encode({
        house_id: known.houseId,
        appliance_name: known.applianceName,
        appliance_id: known.applianceId,
        timestamp,
        power: batch.power[index] ?? 0,
        interval_ms: batch.intervalMs[index] ?? 0,
      });
      const { key, lane } = known.route;
      messages.push({ key, value, partition: lane.partition, timestamp: String(timestamp) });
    }
    return messages;
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof SinkError ? error : new SinkError(reasonOf(error));
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

function isUnknownTopic(error: unknown): boolean {
  return protocolErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
}
