/**
 * The memory of record batches, used again and again: fresh buffers of this size would cost a page fault for every
 * 4 KB, and the collector its pauses.
 *
 * Never more is kept than was in use at once, which is bounded by the readings that may wait for acknowledgement.
 */
import { RecordBatch } from './record-batch.ts';

export class BatchMemory {
  readonly #batchBytes: number;
  readonly #free: RecordBatch[] = [];
  #inUse = 0;

  /** @param batchBytes memory of a batch. */
  constructor(batchBytes: number) {
    this.#batchBytes = batchBytes;
  }

  /** Batches taken and not given back. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Memory held, in use or not, bytes. */
  get bytes(): number {
    return (this.#inUse + this.#free.length) * this.#batchBytes;
  }

  /** An empty batch. */
  take(): RecordBatch {
    this.#inUse += 1;
    return this.#free.pop() ?? new RecordBatch(new Uint8Array(this.#batchBytes));
  }

  /** The batch's memory may be written again: nothing will read it any more, not even a socket. */
  giveBack(batch: RecordBatch): void {
    this.#inUse -= 1;
    batch.clear();
    this.#free.push(batch);
  }

  /** The batch's memory may still be read by a socket that never answered: it must not be written again. */
  abandon(): void {
    this.#inUse -= 1;
  }
}
