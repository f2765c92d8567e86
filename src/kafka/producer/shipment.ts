/** A record batch on its way: the exact bytes and sequence numbers it keeps until it is acknowledged. */
import type { Verdict } from './broker-errors.ts';
import type { Compressor } from './compression.ts';
import type { ProducerIdentity, RecordBatch } from './record-batch.ts';

export class Shipment {
  readonly batch: RecordBatch;
  /** What is sent. */
  bytes: Uint8Array = new Uint8Array(0);
  sequence = 0;
  /** Of the last attempt; undefined when there was none or it says nothing any more. */
  verdict: Verdict | undefined;
  /** Whether the broker may have it, for all that we know. */
  inDoubt = false;
  /** Whether a socket that never answered may still read the memory. */
  lingering = false;
  readonly #compressor: Compressor | undefined;

  constructor(batch: RecordBatch, compressor: Compressor | undefined) {
    this.batch = batch;
    this.#compressor = compressor;
  }

  /** Whether the bytes are the batch's own memory. */
  get inPlace(): boolean {
    return this.#compressor === undefined;
  }

  /** Gives it a place in a producer's sequence, and with it its bytes. */
  number(producer: ProducerIdentity, sequence: number): void {
    this.sequence = sequence;
    this.verdict = undefined;
    this.inDoubt = false;
    const { batch } = this;
    this.bytes = this.#compressor
      ? batch.sealCompressed(producer, sequence, this.#compressor.codec, this.#compressor.compress(batch.records))
      : batch.seal(producer, sequence);
  }
}
