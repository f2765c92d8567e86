/** The producer id, the epoch and the next sequence number of an idempotent producer of one partition. */
import type { PartitionLeaders } from './broker-connections.ts';
import type { InFlightBatch } from './in-flight-batch.ts';
import type { ProducerIdAndEpoch } from './record-batch.ts';

/** The last epoch of a producer id. */
const MAX_EPOCH = 2 ** 15 - 1;

/** Sequence numbers have 31 bits: 0 follows 2^31 - 1. */
const SEQUENCES = 2 ** 31;

export class ProducerState {
  /** Whether the broker has acknowledged a batch under the present producer id and epoch. */
  hasAckedInEpoch = false;
  readonly #leaders: PartitionLeaders;
  #idAndEpoch: ProducerIdAndEpoch | undefined;
  #nextSequence: number;

  /** @param firstSequence sequence number of the first record. */
  constructor(leaders: PartitionLeaders, firstSequence: number) {
    this.#leaders = leaders;
    this.#nextSequence = firstSequence;
  }

  get hasProducerId(): boolean {
    return this.#idAndEpoch !== undefined;
  }

  /** Gets a producer id, unless there is one. @throws Error when no broker gives one: try again. */
  async ensureProducerId(): Promise<void> {
    this.#idAndEpoch ??= await this.#leaders.initProducerId();
  }

  /** Gives a batch the next sequence numbers. @throws Error without a producer id. */
  assign(inFlight: InFlightBatch): void {
    if (!this.#idAndEpoch) {
      throw new Error('no sequence numbers without a producer id');
    }
    inFlight.assign(this.#idAndEpoch, this.#nextSequence);
    this.#nextSequence = (this.#nextSequence + inFlight.batch.count) % SEQUENCES;
  }

  /** Takes the sequence numbers of a batch back: the broker has not appended it. */
  takeBack(inFlight: InFlightBatch): void {
    this.#nextSequence = inFlight.baseSequence ?? this.#nextSequence;
    inFlight.baseSequence = undefined;
  }

  /**
   * Starts the next epoch, with sequence number 0: the broker refuses requests of the old epoch from then on (KIP-360).
   * The batch needs new sequence numbers; the broker must not have appended it.
   */
  bumpEpoch(inFlight: InFlightBatch): void {
    const current = this.#idAndEpoch;
    this.#restart(
      inFlight,
      current && current.epoch < MAX_EPOCH ? { id: current.id, epoch: current.epoch + 1 } : undefined,
    );
  }

  /** As {@link bumpEpoch}, for a fenced producer id: the next {@link ensureProducerId} gets another one. */
  discardProducerId(inFlight: InFlightBatch): void {
    this.#restart(inFlight, undefined);
  }

  #restart(inFlight: InFlightBatch, idAndEpoch: ProducerIdAndEpoch | undefined): void {
    this.#idAndEpoch = idAndEpoch;
    this.#nextSequence = 0;
    this.hasAckedInEpoch = false;
    inFlight.baseSequence = undefined;
  }
}
