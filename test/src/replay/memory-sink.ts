/** A sink that keeps what it is given and acknowledges when it is told to, or at once. */
import {
  type Appliance,
  type EndOffsets,
  type HouseGroup,
  type RecordSink,
  type SinkCounts,
  type SinkError,
  writeEach,
} from '../../../src/kafka/producer/record-sink.ts';

export interface WrittenReading extends Appliance {
  readonly timestamp: number;
  readonly power: number;
  readonly intervalMs: number;
  /** Wall clock when it was written, ms. */
  readonly writtenAt: number;
}

export class MemorySink implements RecordSink {
  readonly counts: SinkCounts = { sent: 0, acknowledged: 0, failed: 0, late: 0 };
  readonly readings: WrittenReading[] = [];
  /** The most readings that ever waited for acknowledgement. */
  pendingMax = 0;
  /** Acknowledges as soon as it is asked to wait. */
  prompt = true;
  /** Called for every reading. */
  onWrite: (reading: WrittenReading) => void = () => undefined;
  readonly #appliances: Appliance[] = [];
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  get pending(): number {
    return this.counts.sent - this.counts.acknowledged;
  }

  get oldestPendingMs(): number {
    return this.readings[this.counts.acknowledged]?.timestamp ?? Infinity;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  appliance(appliance: Appliance): number {
    return this.#appliances.push(appliance) - 1;
  }

  write(number: number, timestamp: number, power: number, intervalMs: number): void {
    const appliance = this.#appliances[number];
    if (!appliance) {
      throw new RangeError(`no appliance ${number}`);
    }
    this.counts.sent += 1;
    const reading = { ...appliance, timestamp, power, intervalMs, writtenAt: Date.now() };
    this.readings.push(reading);
    this.onWrite(reading);
    this.pendingMax = Math.max(this.pendingMax, this.pending);
  }

  writeGroup(group: HouseGroup, channel: number, timestamp: number, power: number, intervalMs: number): void {
    writeEach(this, group, channel, timestamp, power, intervalMs);
  }

  flush(): void {
    if (this.prompt) {
      this.acknowledge();
    }
  }

  acknowledgement(): Promise<void> {
    if (this.prompt) {
      this.acknowledge();
    }
    if (this.pending === 0) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Acknowledges the oldest `count` readings. Default: all. */
  acknowledge(count = Infinity): void {
    this.counts.acknowledged = Math.min(this.counts.sent, this.counts.acknowledged + count);
    for (const { resolve } of this.#waiting.splice(0)) {
      resolve();
    }
  }

  fail(error: SinkError): void {
    this.prompt = false;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(error);
    }
  }

  async drain(): Promise<void> {
    while (this.pending > 0) {
      await this.acknowledgement();
    }
  }

  startCountingLateness(): void {
    // Nothing is late in memory.
  }

  endOffsets(): Promise<EndOffsets> {
    return Promise.resolve(new Map([[0, BigInt(this.counts.acknowledged)]]));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
