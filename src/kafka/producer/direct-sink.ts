/**
 * The fast sink: a reading becomes bytes once, in the memory that goes to the socket.
 *
 * Appliance templates (`appliance-templates.ts`) and a reading's tail (`reading-tail.ts`) make records of a batch
 * (`record-batch.ts`); a partition's sender (`partition-sender.ts`) delivers batches exactly once, over kafkajs' own
 * connections (`broker-connections.ts`). {@link KafkaJsSink} is the reference that it is compared with.
 */
import { kafkaClient } from '../client.ts';
import { ApplianceTemplates, TEMPLATE } from './appliance-templates.ts';
import { BatchMemory } from './batch-memory.ts';
import { BrokerConnections } from './broker-connections.ts';
import { type CodecName, type Compressor, compressorOf } from './compression.ts';
import { KafkaSink, type KafkaSinkOptions } from './kafka-sink.ts';
import { PartitionSender } from './partition-sender.ts';
import { ReadingTail } from './reading-tail.ts';
import type { Appliance, HouseGroup } from './record-sink.ts';
import { countBetween } from './records.ts';

/** Memory of a batch: some 4,000 readings; Kafka takes up to 1 MB by default. */
const BATCH_BYTES = 256 * 1_024;

const REQUEST_TIMEOUT_MS = 10_000;

export interface DirectSinkOptions extends KafkaSinkOptions {
  /** @default none */
  readonly compression?: CodecName | undefined;
  /** Bytes of a batch before compression. @default 256 KB */
  readonly batchBytes?: number | undefined;
  /** How long an answer may take before the connection is given up, ms. @default 10,000 */
  readonly requestTimeoutMs?: number | undefined;
  /** Sequence number of every partition's first record. @default 0 */
  readonly firstSequence?: number | undefined;
}

export class DirectSink extends KafkaSink {
  /** How often a broker had lost readings that it had acknowledged: never, on a topic that is replicated. */
  dataLosses = 0;
  readonly #options: DirectSinkOptions;
  readonly #connections: BrokerConnections;
  readonly #memory: BatchMemory;
  readonly #templates = new ApplianceTemplates();
  readonly #tail = new ReadingTail();
  #compressor: Compressor | undefined;
  #senders: PartitionSender[] = [];
  #lastHouse: { readonly id: string; readonly partition: number } | undefined;

  constructor(options: DirectSinkOptions) {
    const { topic, batchBytes = BATCH_BYTES, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
    const kafka = kafkaClient(options.kafka, options.log, { requestTimeoutMs });
    super(options, kafka);
    this.#options = options;
    this.#connections = new BrokerConnections(kafka, topic);
    this.#memory = new BatchMemory(batchBytes);
  }

  get oldestPendingMs(): number {
    let oldest = Infinity;
    for (const sender of this.#senders) {
      oldest = Math.min(oldest, sender.oldestMs);
    }
    return oldest;
  }

  /** Memory for appliances and batches, bytes. */
  get memory(): { readonly appliances: number; readonly batches: number } {
    return { appliances: this.#templates.bytes, batches: this.#memory.bytes };
  }

  /** @throws Error when the codec's library isn't there, too. */
  override async open(): Promise<void> {
    this.#compressor = await compressorOf(this.#options.compression ?? 'none');
    await super.open();
  }

  appliance(appliance: Appliance): number {
    // Houses come one after another, so the last one is all that needs to be remembered.
    if (this.#lastHouse?.id !== appliance.houseId) {
      this.#lastHouse = {
        id: appliance.houseId,
        partition: this.partitionOfHouse(appliance.houseId, this.#senders.length),
      };
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
    for (const sender of this.#senders) {
      sender.flush();
    }
  }

  protected async connect(): Promise<void> {
    const partitions = await this.#connections.open();
    if (this.#senders.length === 0) {
      this.#senders = Array.from({ length: partitions }, (_, partition) => this.#sender(partition));
    }
    await Promise.all(this.#senders.map((sender) => sender.open()));
  }

  protected async disconnect(): Promise<void> {
    for (const sender of this.#senders) {
      sender.end();
    }
    await this.#connections.close();
  }

  #sender(partition: number): PartitionSender {
    const { topic, batchBytes = BATCH_BYTES, requestTimeoutMs = REQUEST_TIMEOUT_MS } = this.#options;
    return new PartitionSender({
      topic,
      partition,
      leaders: this.#connections,
      memory: this.#memory,
      batchBytes,
      compressor: this.#compressor,
      // Less than the request may take, or a slow follower would look like a dead leader.
      replicationTimeoutMs: requestTimeoutMs / 2,
      requestTimeoutMs,
      firstSequence: this.#options.firstSequence,
      log: this.#options.log,
      onDelivered: (batch) => this.acknowledge(batch.count, (fromMs, toMs) => countBetween(batch, fromMs, toMs)),
      onDataLoss: () => (this.dataLosses += 1),
      whyTooLate: (oldestMs) => this.whyTooLate(oldestMs),
      onFailure: (error) => this.fail(error),
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
    if (!sender) {
      throw new RangeError(`no partition ${partition}`);
    }
    sender.append(block, at, tail);
  }
}
