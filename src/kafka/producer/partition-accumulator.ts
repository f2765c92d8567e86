/** The readings of one partition that are not acknowledged yet: in order, in batches, one batch in flight. */

/** Readings of one partition as columns. */
export interface Batch {
  length: number;
  readonly appliance: Int32Array;
  readonly timestamp: Float64Array;
  readonly power: Float32Array;
  readonly intervalMs: Int32Array;
}

export class PartitionAccumulator {
  readonly partition: number;
  readonly #batchSize: number;
  /** Full batches, oldest first. */
  readonly #full: Batch[] = [];
  readonly #free: Batch[] = [];
  #open: Batch;
  #inFlight: Batch | undefined;

  /** @param batchSize readings a batch holds at most. */
  constructor(partition: number, batchSize: number) {
    this.partition = partition;
    this.#batchSize = batchSize;
    this.#open = this.#fresh();
  }

  /** The earliest timestamp that is not acknowledged; Infinity when none is. */
  get oldestMs(): number {
    const batch = this.#inFlight ?? this.#full[0] ?? this.#open;
    return batch.length > 0 ? (batch.timestamp[0] ?? Infinity) : Infinity;
  }

  get idle(): boolean {
    return this.#inFlight === undefined;
  }

  /** @returns whether a batch became full with this reading. */
  write(appliance: number, timestamp: number, power: number, intervalMs: number): boolean {
    const batch = this.#open;
    const index = batch.length;
    batch.appliance[index] = appliance;
    batch.timestamp[index] = timestamp;
    batch.power[index] = power;
    batch.intervalMs[index] = intervalMs;
    batch.length = index + 1;
    if (batch.length < this.#batchSize) {
      return false;
    }
    this.#full.push(batch);
    this.#open = this.#free.pop() ?? this.#fresh();
    return true;
  }

  /** The next batch to send, which is in flight from now on; undefined when there is none or one is in flight. */
  start(): Batch | undefined {
    if (this.#inFlight) {
      return undefined;
    }
    this.#inFlight = this.#full.shift();
    if (!this.#inFlight && this.#open.length > 0) {
      this.#inFlight = this.#open;
      this.#open = this.#free.pop() ?? this.#fresh();
    }
    return this.#inFlight;
  }

  /** The batch in flight is acknowledged; its memory is used again. */
  finish(): void {
    const batch = this.#inFlight;
    if (!batch) {
      return;
    }
    this.#inFlight = undefined;
    batch.length = 0;
    this.#free.push(batch);
  }

  #fresh(): Batch {
    const size = this.#batchSize;
    return {
      length: 0,
      appliance: new Int32Array(size),
      timestamp: new Float64Array(size),
      power: new Float32Array(size),
      intervalMs: new Int32Array(size),
    };
  }
}
