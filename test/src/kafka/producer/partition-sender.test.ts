import { createRequire } from 'node:module';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { powerraw } from '../../../../src/core/messages/messages.ts';
import { ApplianceTemplates } from '../../../../src/kafka/producer/appliance-templates.ts';
import { BatchMemory } from '../../../../src/kafka/producer/batch-memory.ts';
import { PartitionSender, type PartitionSenderOptions } from '../../../../src/kafka/producer/partition-sender.ts';
import { ReadingTail } from '../../../../src/kafka/producer/reading-tail.ts';
import { SinkError } from '../../../../src/kafka/producer/record-sink.ts';
import { type Fault, ModelBroker } from './model-broker.ts';

const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<{ records: { value: Buffer }[] }>;

const BATCH_BYTES = 512;

/** A sender that is written readings with timestamps 0, 1, 2 ... to. */
class Writer {
  readonly broker: ModelBroker;
  readonly sender: PartitionSender;
  readonly memory = new BatchMemory(BATCH_BYTES);
  acknowledged = 0;
  dataLosses = 0;
  failure: SinkError | undefined;
  readonly #templates = new ApplianceTemplates();
  readonly #tail = new ReadingTail();
  #written = 0;

  constructor(faults: Iterable<Fault>, options: Partial<PartitionSenderOptions> = {}) {
    this.broker = new ModelBroker(faults);
    this.#templates.add({ houseId: '1_0_1', applianceId: '1_0_1_1', applianceName: 'kettle' }, 0);
    this.sender = new PartitionSender({
      topic: 'powerraw',
      partition: 0,
      leaders: this.broker,
      memory: this.memory,
      batchBytes: BATCH_BYTES,
      compressor: undefined,
      replicationTimeoutMs: 1_000,
      requestTimeoutMs: 2_000,
      retryDelayMs: { first: 0, last: 1 },
      log: () => undefined,
      onDelivered: (batch) => (this.acknowledged += batch.count),
      onDataLoss: () => (this.dataLosses += 1),
      onFailure: (error) => (this.failure = error),
      ...options,
    });
  }

  write(readings: number): void {
    const place = this.#templates.placeOf(0);
    for (let reading = 0; reading < readings; reading += 1) {
      this.#tail.setTime(this.#written, 1);
      this.#tail.setPower(1);
      this.sender.append(this.#templates.blockOf(place), this.#templates.offsetOf(place), this.#tail);
      this.#written += 1;
    }
  }

  async drained(): Promise<void> {
    this.sender.flush();
    const deadline = Date.now() + 10_000;
    while (this.acknowledged < this.#written && !this.failure) {
      if (Date.now() > deadline) {
        throw new Error(`stuck at ${this.acknowledged} of ${this.#written} readings`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Timestamps of what is in the partition. */
  async found(): Promise<number[]> {
    const timestamps: number[] = [];
    for (const { bytes } of this.broker.log) {
      const { records } = await decodeBatch(new Decoder(bytes));
      timestamps.push(...records.map(({ value }) => powerraw.decode(value).timestamp));
    }
    return timestamps;
  }

  async expectEachOnceInOrder(): Promise<void> {
    expect(this.failure).toBeUndefined();
    expect(this.acknowledged).toBe(this.#written);
    expect(await this.found()).toEqual(Array.from({ length: this.#written }, (_, index) => index));
    expect(this.dataLosses).toBe(0);
  }
}

const faults = fc.array(
  fc.constantFrom<Fault>(
    ...(['none', 'none', 'none', 'request-lost', 'answer-lost', 'not-leader', 'not-enough-replicas'] as const),
    ...(['timed-out', 'restart', 'restart-after'] as const),
  ),
  { maxLength: 25 },
);
const bursts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });

describe('a partition sender', () => {
  test('delivers every reading once and in order, whatever happens to its requests, with one batch in flight', async () => {
    await fc.assert(
      fc.asyncProperty(
        faults,
        bursts,
        // Just before they wrap, often enough.
        fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 31 - 400, max: 2 ** 31 - 1 })),
        async (requestFaults, sizes, firstSequence) => {
          const writer = new Writer(requestFaults, { firstSequence });
          await writer.sender.open();
          for (const size of sizes) {
            writer.write(size);
            if (size % 2 === 0) {
              await writer.drained();
            }
          }
          await writer.drained();
          await writer.expectEachOnceInOrder();
          expect(writer.broker.inFlightMax).toBe(1);
        },
      ),
      { numRuns: 200 },
    );
  }, 30_000);

  test('gives its memory back, except what a socket may still read', async () => {
    const writer = new Writer(['none', 'none', 'answer-lost']);
    await writer.sender.open();
    for (let round = 0; round < 20; round += 1) {
      writer.write(40);
      await writer.drained();
    }
    expect(writer.memory.inUse).toBe(1);
    expect(writer.memory.bytes).toBeLessThanOrEqual(8 * BATCH_BYTES);
  });

  test('sends or repeats no batch that is too late for its readers', async () => {
    let tooLateBeforeMs = -Infinity;
    const whyTooLate = (oldestMs: number): SinkError | undefined =>
      oldestMs < tooLateBeforeMs ? new SinkError('too late') : undefined;
    // The answer to the second batch is lost; when it is known that the process was stopped, it is not sent again.
    const writer = new Writer(['none', 'answer-lost'], {
      whyTooLate,
      log: () => (tooLateBeforeMs = 100),
    });
    await writer.sender.open();
    writer.write(5);
    await writer.drained();
    writer.write(5);
    await writer.drained();
    expect(writer.failure?.message).toBe('too late');
    expect(writer.acknowledged).toBe(5);
    expect(await writer.found()).toHaveLength(10);
    writer.write(20);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await writer.found()).toHaveLength(10);
  });

  test('recognises a batch that the broker appended before it restarted without an answer', async () => {
    // A restarted broker remembers each producer's last batch.
    const writer = new Writer(['none', 'none', 'none', 'none', 'restart-after']);
    await writer.sender.open();
    writer.write(5);
    await writer.drained();
    writer.write(60);
    await writer.drained();
    await writer.expectEachOnceInOrder();
  });

  test('starts another epoch, and reports a data loss, when the broker has lost what it acknowledged', async () => {
    const writer = new Writer([]);
    await writer.sender.open();
    writer.write(20);
    await writer.drained();
    // An unclean election: the new leader's log ends earlier.
    writer.broker.truncate(1);
    writer.write(20);
    await writer.drained();
    expect(writer.dataLosses).toBe(1);
    expect(writer.failure).toBeUndefined();
    expect(writer.broker.log.at(-1)).toMatchObject({ epoch: 1, producerId: 1_000n });
    expect((await writer.found()).slice(-20)).toEqual(Array.from({ length: 20 }, (_, index) => 20 + index));
  });

  test('takes another producer id when it is fenced', async () => {
    const writer = new Writer([]);
    await writer.sender.open();
    writer.write(3);
    await writer.drained();
    writer.broker.fence(1_000n);
    writer.write(3);
    await writer.drained();
    await writer.expectEachOnceInOrder();
    expect(writer.broker.refusals).toEqual([47]);
    expect(writer.broker.log.at(-1)).toMatchObject({ epoch: 0, producerId: 1_001n });
  });

  test('splits batches that are too large for the topic, and makes smaller ones from then on', async () => {
    const writer = new Writer(['none', 'not-enough-replicas']);
    writer.broker.maxBatchBytes = 200;
    await writer.sender.open();
    writer.write(100);
    await writer.drained();
    await writer.expectEachOnceInOrder();
    const refusals = writer.broker.refusals.length;
    expect(Math.max(...writer.broker.log.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(200);
    writer.write(100);
    await writer.drained();
    await writer.expectEachOnceInOrder();
    expect(writer.broker.refusals).toHaveLength(refusals);
  });

  test('fails, and says what to do, when a single reading is too large', async () => {
    const writer = new Writer([]);
    writer.broker.maxBatchBytes = 80;
    await writer.sender.open();
    writer.write(1);
    await writer.drained();
    expect(writer.failure?.message).toBe('a reading is too large for topic powerraw: raise its max.message.bytes');
  });

  test('continues at 0 after 2^31 - 1, within a batch and between batches', async () => {
    const writer = new Writer([], { firstSequence: 2 ** 31 - 2 });
    await writer.sender.open();
    writer.write(5);
    await writer.drained();
    writer.write(5);
    await writer.drained();
    await writer.expectEachOnceInOrder();
    expect(writer.broker.log.map(({ first, last }) => [first, last])).toEqual([
      [2 ** 31 - 2, 2],
      [3, 7],
    ]);
  });
});
