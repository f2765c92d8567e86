/**
 * A partition's leader as far as idempotent producers can see it, with the faults that real ones have: made from the
 * rules of Kafka's ProducerStateManager, ProducerStateEntry and ProducerAppendInfo.
 */
import type { PartitionLeaders, ProduceLink } from '../../../../src/kafka/producer/broker-connections.ts';
import type { ProduceAnswer, ProduceTarget } from '../../../../src/kafka/producer/produce-protocol.ts';
import type { ProducerIdAndEpoch } from '../../../../src/kafka/producer/record-batch.ts';

/** What happens to a request. */
export type Fault =
  /** Nothing. */
  | 'none'
  /** The connection breaks before the request is there; those after it on the same connection are lost as well. */
  | 'request-lost'
  /** The broker takes the batch, and the connection breaks before the answer is there. */
  | 'answer-lost'
  /** Refused without a look at it: not the leader, not enough replicas. */
  | 'not-leader'
  | 'not-enough-replicas'
  /** Taken, but not known to be replicated in time. */
  | 'timed-out'
  /** The broker restarts first: it then remembers the last batch of each producer alone. */
  | 'restart'
  /** As `restart`, and the batch's answer is lost. */
  | 'restart-after'
  /** The broker has lost the producer's state altogether. */
  | 'forget';

export interface ModelBatch {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly bytes: Buffer;
}

interface ProducerState {
  readonly epoch: number;
  /** The last five, oldest first. */
  readonly batches: readonly ModelBatch[];
}

const SEQUENCES = 2 ** 31;

export class ModelBroker implements PartitionLeaders {
  /** What is in the partition. */
  readonly log: ModelBatch[] = [];
  /** Error codes that were answered. */
  readonly refusals: number[] = [];
  /** Most requests that were ever under way at once. */
  inFlightMax = 0;
  /** Largest batch that it takes, bytes. */
  maxBatchBytes = Infinity;
  readonly #faults: Iterator<Fault>;
  #producers = new Map<bigint, ProducerState>();
  #nextProducer = 1_000n;
  #inFlight = 0;

  /** @param faults one for every request that gets to the broker; afterwards there are none. */
  constructor(faults: Iterable<Fault>) {
    this.#faults = faults[Symbol.iterator]();
  }

  initProducerId(): Promise<ProducerIdAndEpoch> {
    return Promise.resolve({ id: this.#nextProducer++, epoch: 0 });
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  toLeaderOf(): Promise<ProduceLink> {
    let broken = false;
    let before: Promise<unknown> = Promise.resolve();
    const link: ProduceLink = {
      get usable() {
        return !broken;
      },
      drop: () => Promise.resolve(),
      produce: (_target: ProduceTarget, batch: Uint8Array) => {
        // What is sent is what there is now: a change afterwards would be one of bytes on their way.
        const bytes = Buffer.from(batch);
        this.#inFlight += 1;
        this.inFlightMax = Math.max(this.inFlightMax, this.#inFlight);
        const answer = before.then(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          this.#inFlight -= 1;
          if (broken) {
            throw new Error('Closed connection');
          }
          const fault = this.#faults.next().value as Fault | undefined;
          const errorCode = this.#handle(bytes, fault ?? 'none');
          if (errorCode === undefined) {
            broken = true;
            throw new Error('Closed connection');
          }
          if (errorCode !== 0) {
            this.refusals.push(errorCode);
          }
          const answered: ProduceAnswer = { partition: 0, errorCode, baseOffset: 0n, throttleMs: 0 };
          return answered;
        });
        before = answer.catch(() => undefined);
        return answer;
      },
    };
    return Promise.resolve(link);
  }

  /** Loses the newest batches, as an unclean election does, and what it knows of their producers with them. */
  truncate(batches: number): void {
    this.log.splice(-batches);
    const producers = new Map<bigint, ProducerState>();
    for (const batch of this.log) {
      const known = producers.get(batch.producerId)?.batches ?? [];
      producers.set(batch.producerId, { epoch: batch.epoch, batches: [...known, batch].slice(-5) });
    }
    this.#producers = producers;
  }

  /** From now on the producer's batches are refused, as if another had taken its id. */
  fence(producer: bigint): void {
    this.#producers.set(producer, { epoch: 2 ** 15 - 1, batches: [] });
  }

  /** @returns an error code; undefined when the connection breaks. */
  #handle(bytes: Buffer, fault: Fault): number | undefined {
    switch (fault) {
      case 'none':
        return this.#append(bytes);
      case 'request-lost':
        return undefined;
      case 'answer-lost':
        this.#append(bytes);
        return undefined;
      case 'not-leader':
        return 6;
      case 'not-enough-replicas':
        return 19;
      case 'timed-out':
        return this.#append(bytes) || 7;
      case 'restart':
        this.#restart();
        return undefined;
      case 'restart-after':
        this.#append(bytes);
        this.#restart();
        return undefined;
      case 'forget':
        this.#producers = new Map();
        return this.#append(bytes);
    }
  }

  #restart(): void {
    for (const [id, { epoch, batches }] of this.#producers) {
      this.#producers.set(id, { epoch, batches: batches.slice(-1) });
    }
  }

  #append(bytes: Buffer): number {
    if (bytes.length > this.maxBatchBytes) {
      return 10;
    }
    const count = bytes.readInt32BE(57);
    const first = bytes.readInt32BE(53);
    const batch: ModelBatch = {
      producerId: bytes.readBigInt64BE(43),
      epoch: bytes.readInt16BE(51),
      first,
      last: (first + count - 1) % SEQUENCES,
      count,
      bytes,
    };
    const known = this.#producers.get(batch.producerId);
    if (known) {
      if (batch.epoch < known.epoch) {
        return 47;
      }
      const repeated = ({ epoch, first: start, last }: ModelBatch): boolean =>
        epoch === batch.epoch && start === batch.first && last === batch.last;
      if (known.batches.some(repeated)) {
        return 0;
      }
      const newest = known.batches.at(-1);
      const expected = batch.epoch > known.epoch || !newest ? 0 : (newest.last + 1) % SEQUENCES;
      if (batch.first !== expected) {
        return 45;
      }
    }
    const batches = known?.epoch === batch.epoch ? known.batches : [];
    this.#producers.set(batch.producerId, { epoch: batch.epoch, batches: [...batches, batch].slice(-5) });
    this.log.push(batch);
    return 0;
  }
}
