/** The reference sink: Avro by avsc, records and connections by kafkajs. */
import type { Kafka, Message } from 'kafkajs';

import { powerraw } from '../../core/messages/messages.ts';
import { withAdmin } from '../admin.ts';
import { kafkaClient } from '../client.ts';
import { type Compression, ExactlyOnceProducer } from './exactly-once-producer.ts';
import { KafkaSink, type KafkaSinkOptions } from './kafka-sink.ts';
import { type Batch, PartitionAccumulator } from './partition-accumulator.ts';
import { type Appliance, type HouseGroup, SinkError, writeEach } from './record-sink.ts';

/** kafkajs copies a batch once per message to group it by partition, so its cost grows with the square of this. */
const BATCH_READINGS = 500;

export interface KafkaJsSinkOptions extends KafkaSinkOptions {
  /** @default none */
  readonly compression?: Compression | undefined;
  /** Messages per partition and producer id. @default 2^30 */
  readonly maxSequence?: number | undefined;
}

/** Where the readings of a house go. */
interface Route {
  readonly key: Buffer;
  readonly accumulator: PartitionAccumulator;
}

interface KnownAppliance extends Appliance {
  readonly route: Route;
}

export class KafkaJsSink extends KafkaSink {
  readonly #options: KafkaJsSinkOptions;
  readonly #producer: ExactlyOnceProducer;
  readonly #appliances: KnownAppliance[] = [];
  readonly #routes = new Map<string, Route>();
  #accumulators: PartitionAccumulator[] = [];

  constructor(options: KafkaJsSinkOptions) {
    const kafka: Kafka = kafkaClient(options.kafka, options.log);
    super(options, kafka);
    this.#options = options;
    this.#producer = new ExactlyOnceProducer({ ...options, kafka });
  }

  get oldestPendingMs(): number {
    let oldest = Infinity;
    for (const accumulator of this.#accumulators) {
      oldest = Math.min(oldest, accumulator.oldestMs);
    }
    return oldest;
  }

  appliance(appliance: Appliance): number {
    return this.#appliances.push({ ...appliance, route: this.#routeOf(appliance.houseId) }) - 1;
  }

  write(appliance: number, timestamp: number, power: number, intervalMs: number): void {
    const known = this.#appliances[appliance];
    if (!known) {
      throw new RangeError(`no appliance ${appliance}`);
    }
    this.counts.sent += 1;
    const { accumulator } = known.route;
    if (accumulator.write(appliance, timestamp, power, intervalMs)) {
      this.#start(accumulator);
    }
  }

  writeGroup(group: HouseGroup, channel: number, timestamp: number, power: number, intervalMs: number): void {
    writeEach(this, group, channel, timestamp, power, intervalMs);
  }

  flush(): void {
    for (const accumulator of this.#accumulators) {
      this.#start(accumulator);
    }
  }

  protected async connect(): Promise<void> {
    this.#accumulators = await this.#findPartitions();
    await this.#producer.connect();
  }

  protected disconnect(): Promise<void> {
    return this.#producer.close();
  }

  async #findPartitions(): Promise<PartitionAccumulator[]> {
    const { kafka, topic, log } = this.#options;
    // Without retries of its own: the caller's limit is the one that counts.
    return withAdmin(kafkaClient(kafka, log, { retries: 0 }), async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions.length ?? 0;
      return Array.from({ length: partitions }, (_, partition) => new PartitionAccumulator(partition, BATCH_READINGS));
    });
  }

  #routeOf(houseId: string): Route {
    const known = this.#routes.get(houseId);
    if (known) {
      return known;
    }
    const partition = this.partitionOfHouse(houseId, this.#accumulators.length);
    const accumulator = this.#accumulators[partition];
    if (!accumulator) {
      throw new SinkError(`topic ${this.#options.topic} has no partition ${partition}`);
    }
    const route = { key: Buffer.from(houseId), accumulator };
    this.#routes.set(houseId, route);
    return route;
  }

  #start(accumulator: PartitionAccumulator): void {
    if (accumulator.idle && !this.isStopped) {
      this.#run(accumulator).catch((error: unknown) => this.fail(error));
    }
  }

  async #run(accumulator: PartitionAccumulator): Promise<void> {
    for (let batch = accumulator.start(); batch; batch = accumulator.start()) {
      const sent = batch;
      const tooLate = this.whyTooLate(sent.timestamp[0] ?? Infinity);
      if (tooLate) {
        throw tooLate;
      }
      await this.#producer.deliver(accumulator.partition, this.#encode(sent));
      this.acknowledge(sent.length, (fromMs, toMs) => countBetween(sent, fromMs, toMs));
      if (this.isStopped) {
        return;
      }
      accumulator.finish();
    }
  }

  #encode(batch: Batch): Message[] {
    const messages: Message[] = [];
    for (let index = 0; index < batch.length; index += 1) {
      const known = this.#appliances[batch.appliance[index] ?? -1];
      if (!known) {
        continue;
      }
      const timestamp = batch.timestamp[index] ?? 0;
      const value = powerraw.encode({
        house_id: known.houseId,
        appliance_name: known.applianceName,
        appliance_id: known.applianceId,
        timestamp,
        power: batch.power[index] ?? 0,
        interval_ms: batch.intervalMs[index] ?? 0,
      });
      const { key, accumulator } = known.route;
      messages.push({ key, value, partition: accumulator.partition, timestamp: String(timestamp) });
    }
    return messages;
  }
}

/** How many readings have a timestamp from `fromMs` on and before `beforeMs`. */
function countBetween(batch: Batch, fromMs: number, beforeMs: number): number {
  let count = 0;
  for (const timestamp of batch.timestamp.subarray(0, batch.length)) {
    if (timestamp >= fromMs && timestamp < beforeMs) {
      count += 1;
    }
  }
  return count;
}
