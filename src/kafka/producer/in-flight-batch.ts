/** The record batch of a partition that is in flight: it keeps its bytes and base sequence until it is acknowledged. */
import type { Compressor } from './compression.ts';
import type { ProducerIdAndEpoch, RecordBatch } from './record-batch.ts';

export class InFlightBatch {
  readonly batch: RecordBatch;
  /** What is sent; empty before {@link assign}. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Sequence number of the first record; undefined when the batch needs one. */
  baseSequence: number | undefined;
  /** Whether a socket without an answer may still read the batch's memory. */
  bufferInUse = false;
  readonly #compressor: Compressor | undefined;

  constructor(batch: RecordBatch, compressor: Compressor | undefined) {
    this.batch = batch;
    this.#compressor = compressor;
  }

  /** Whether the bytes are the batch's own memory. */
  get isInPlace(): boolean {
    return this.#compressor === undefined;
  }

  /** Gives the batch its producer id, epoch and base sequence, and seals its bytes. */
  assign(producer: ProducerIdAndEpoch, baseSequence: number): void {
    this.baseSequence = baseSequence;
    const { batch } = this;
    this.bytes = this.#compressor
      ? batch.sealCompressed(producer, baseSequence, this.#compressor.codec, this.#compressor.compress(batch.records))
      : batch.seal(producer, baseSequence);
  }
}
