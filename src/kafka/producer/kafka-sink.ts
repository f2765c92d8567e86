/** What every sink to Kafka does alike: opening, waiting for acknowledgements, counting them, asking for the end. */
import { type Kafka, Partitioners } from 'kafkajs';
import pRetry from 'p-retry';

import { WATERMARK_MS } from '../../core/clock/grid-clock.ts';
import type { Heartbeat } from '../../core/clock/heartbeat.ts';
import { withAdmin } from '../admin.ts';
import type { KafkaLog, KafkaSettings } from '../client.ts';
import {
  type Appliance,
  type EndOffsets,
  type HouseGroup,
  type RecordSink,
  type SinkCounts,
  SinkError,
} from './record-sink.ts';
import { protocolErrorType, reasonOf } from './send-errors.ts';

/** How long a topic may take to show up in the brokers' metadata after it was created, ms. */
const TOPIC_PATIENCE_MS = 2_000;

export interface KafkaSinkOptions {
  readonly kafka: KafkaSettings;
  readonly topic: string;
  /** How long brokers may take to answer at first, ms. */
  readonly connectTimeoutMs: number;
  /** Knows when the process was stopped, see {@link KafkaSink.whyTooLate}. Default: it never was. */
  readonly heartbeat?: Pick<Heartbeat, 'resumedMs'> | undefined;
  readonly log: KafkaLog;
}

export abstract class KafkaSink implements RecordSink {
  readonly counts: SinkCounts = { sent: 0, acknowledged: 0, failed: 0, late: 0 };
  readonly #options: KafkaSinkOptions;
  readonly #kafka: Kafka;
  readonly #partitionOf = Partitioners.DefaultPartitioner();
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #failure: SinkError | undefined;
  #countLateFromMs = Infinity;
  #closed = false;

  /** @param kafka asked where the topic ends; the same client may serve the sink itself. */
  protected constructor(options: KafkaSinkOptions, kafka: Kafka) {
    this.#options = options;
    this.#kafka = kafka;
  }

  get pending(): number {
    return this.counts.sent - this.counts.acknowledged - this.counts.failed;
  }

  abstract get oldestPendingMs(): number;

  async open(): Promise<void> {
    const { connectTimeoutMs, kafka, topic } = this.#options;
    const where = kafka.brokers.join(',');
    const deadline = Date.now() + connectTimeoutMs;
    const topicDeadline = Date.now() + TOPIC_PATIENCE_MS;
    try {
      await pRetry(() => this.connect(), {
        retries: Infinity,
        minTimeout: 200,
        maxTimeout: 1_000,
        shouldRetry: ({ error }) => Date.now() < (isUnknownTopic(error) ? topicDeadline : deadline),
      });
    } catch (error) {
      if (isUnknownTopic(error)) {
        throw new SinkError(`topic ${topic} does not exist at ${where}: create it first`);
      }
      const patience = `${connectTimeoutMs / 1_000} s`;
      throw new SinkError(`no answer from Kafka at ${where} within ${patience} (${reasonOf(error)}): is it running?`);
    }
  }

  abstract appliance(appliance: Appliance): number;
  abstract write(appliance: number, timestamp: number, power: number, intervalMs: number): void;
  abstract writeGroup(group: HouseGroup, channel: number, timestamp: number, power: number, intervalMs: number): void;
  abstract flush(): void;

  acknowledgement(): Promise<void> {
    if (this.#failure) {
      return Promise.reject(this.#failure);
    }
    if (this.pending === 0) {
      return Promise.resolve();
    }
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
    const offsets = await withAdmin(this.#kafka, (admin) => admin.fetchTopicOffsets(this.#options.topic));
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  async close(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.fail(new SinkError('the sink is closed'));
    this.counts.failed += this.pending;
    await this.disconnect();
  }

  /** One attempt to find the topic's partitions and to be ready to write to them; {@link open} repeats it. */
  protected abstract connect(): Promise<void>;

  /** Gives up what is under way. Called once; nothing is counted any more. */
  protected abstract disconnect(): Promise<void>;

  /** The partition that Kafka's own default partitioner gives a house: murmur2 of its id modulo the partitions. */
  protected partitionOfHouse(houseId: string, partitions: number): number {
    return this.#partitionOf({
      topic: this.#options.topic,
      partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 0,
        replicas: [],
        isr: [],
      })),
      message: { key: houseId, value: null },
    });
  }

  protected get isStopped(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Counts what brokers have confirmed, unless the sink was closed meanwhile.
   * @param late how many of them have timestamps of `fromMs` at least and before `toMs`.
   */
  protected acknowledge(readings: number, late: (fromMs: number, toMs: number) => number): void {
    if (this.#closed) {
      return;
    }
    this.counts.acknowledged += readings;
    this.counts.late += late(this.#countLateFromMs, Date.now() - WATERMARK_MS);
    for (const { resolve } of this.#waiting.splice(0)) {
      resolve();
    }
  }

  /**
   * Why a batch must not be sent any more: its live readings are of before the process was stopped, and Spark would drop
   * them as late. Whether a broker has them after all is unknown, so nothing may follow them under this producer either:
   * the sink fails, and the program is started again where the clock is.
   *
   * @param oldestMs of its timestamps.
   */
  protected whyTooLate(oldestMs: number): SinkError | undefined {
    const { resumedMs = -Infinity } = this.#options.heartbeat ?? {};
    if (oldestMs < this.#countLateFromMs || oldestMs >= resumedMs) {
      return undefined;
    }
    return new SinkError('the process was stopped with readings under way: they are too late for Spark by now');
  }

  /** Nothing more will be acknowledged, for this reason: the first one is kept. */
  protected fail(error: unknown): void {
    this.#failure ??= error instanceof SinkError ? error : new SinkError(reasonOf(error));
    for (const { reject } of this.#waiting.splice(0)) {
      reject(this.#failure);
    }
  }
}

function isUnknownTopic(error: unknown): boolean {
  return protocolErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
}
