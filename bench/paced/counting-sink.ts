/** A sink that counts readings, looks at each one's appliance and power as any sink has to, and drops them. */
import { setImmediate as nextTurn } from 'node:timers/promises';

import {
  type EndOffsets,
  type HouseGroup,
  type RecordSink,
  type SinkCounts,
  writeEach,
} from '../../src/kafka/producer/record-sink.ts';

export class CountingSink implements RecordSink {
  readonly counts: SinkCounts = { sent: 0, acknowledged: 0, failed: 0, late: 0 };
  readonly oldestPendingMs = Infinity;
  /** So that no compiler finds the work superfluous. */
  sum = 0;
  #appliances = 0;

  get pending(): number {
    return this.counts.sent - this.counts.acknowledged;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  appliance(): number {
    return this.#appliances++;
  }

  write(appliance: number, timestamp: number, power: number, intervalMs: number): void {
    this.sum += appliance + timestamp + power + intervalMs;
    this.counts.sent += 1;
  }

  writeGroup(group: HouseGroup, channel: number, timestamp: number, power: number, intervalMs: number): void {
    writeEach(this, group, channel, timestamp, power, intervalMs);
  }

  flush(): void {
    this.counts.acknowledged = this.counts.sent;
  }

  async acknowledgement(): Promise<void> {
    await nextTurn();
    this.flush();
  }

  drain(): Promise<void> {
    return this.acknowledgement();
  }

  startCountingLateness(): void {
    // Nothing is acknowledged late.
  }

  endOffsets(): Promise<EndOffsets> {
    return Promise.resolve(new Map());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
