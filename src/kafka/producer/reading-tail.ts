/** What ends a message: its timestamp, its power and its interval in Avro, written once for all who share a reading. */
import { MAX_VARINT_BYTES, varintSize, writeVarint } from './varint.ts';

/** Avro's int. */
const INT_MAX = 2 ** 31 - 1;

/** The codec's own limit: beyond it avsc is not exact. */
const TIMESTAMP_MAX = 2 ** 52 - 1;

const FLOAT_BYTES = 4;

export class ReadingTail {
  readonly bytes = new Uint8Array(2 * MAX_VARINT_BYTES + FLOAT_BYTES);
  length = 0;
  timestamp = NaN;
  #interval = NaN;
  #powerAt = 0;
  readonly #power = new Float32Array(1);
  readonly #powerBytes = new Uint8Array(this.#power.buffer);

  /**
   * @param timestamp ms since 1970, whole, at most 2^52 either way.
   * @param intervalMs whole, 32 bits.
   * @throws RangeError when either is no value of its Avro type.
   */
  setTime(timestamp: number, intervalMs: number): void {
    if (timestamp === this.timestamp && intervalMs === this.#interval) {
      return;
    }
    if (!Number.isInteger(timestamp) || timestamp > TIMESTAMP_MAX || timestamp < -TIMESTAMP_MAX) {
      throw new RangeError(`timestamp ${timestamp} is not a whole number of ms within 2^52`);
    }
    if (!Number.isInteger(intervalMs) || intervalMs > INT_MAX || intervalMs < -INT_MAX) {
      throw new RangeError(`interval ${intervalMs} is not a whole number of ms of 32 bits`);
    }
    this.timestamp = timestamp;
    this.#interval = intervalMs;
    this.#powerAt = writeVarint(this.bytes, 0, timestamp);
    this.length = writeVarint(this.bytes, this.#powerAt + FLOAT_BYTES, intervalMs);
  }

  /**
   * @param power W; rounded to a float of 32 bits, little end first.
   * @throws RangeError when that is not finite: such a value is no message of ours, and readers refuse it.
   */
  setPower(power: number): void {
    this.#power[0] = power;
    const [rounded = NaN] = this.#power;
    if (rounded - rounded !== 0) {
      throw new RangeError(`power ${power} W is not finite as a float of 32 bits`);
    }
    const { bytes } = this;
    const from = this.#powerBytes;
    const at = this.#powerAt;
    bytes[at] = from[0] ?? 0;
    bytes[at + 1] = from[1] ?? 0;
    bytes[at + 2] = from[2] ?? 0;
    bytes[at + 3] = from[3] ?? 0;
  }
}

/** Most bytes that a tail takes. */
export const MAX_TAIL_BYTES = varintSize(TIMESTAMP_MAX) + FLOAT_BYTES + varintSize(INT_MAX);
