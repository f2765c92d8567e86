/**
 * Kafka's record batch, format v2, built in place: records go straight into the memory that goes to the socket, and the
 * header in front of them is filled in when the batch is sealed.
 *
 *     0 baseOffset        int64  0, the broker's to set
 *     8 batchLength       int32  of all that follows
 *    12 leaderEpoch       int32  -1, the broker's to set
 *    16 magic             int8   2
 *    17 crc               uint32 CRC-32C of all that follows
 *    21 attributes        int16  low 3 bits: compression
 *    23 lastOffsetDelta   int32
 *    27 baseTimestamp     int64  of the first record
 *    35 maxTimestamp      int64
 *    43 producerId        int64
 *    51 producerEpoch     int16
 *    53 baseSequence      int32
 *    57 records           int32
 *    61 the records, compressed or not
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
import { crc32c } from '@node-rs/crc32';

import { TEMPLATE } from './appliance-templates.ts';
import { MAX_TAIL_BYTES, type ReadingTail } from './reading-tail.ts';
import { MAX_VARINT_BYTES, smallVarintSize, varintSize, writeVarint } from './varint.ts';

/** Bytes of a batch before its records. */
export const HEADER_BYTES = 61;

const CRC_FROM = 21;

/** What a record takes at most beyond its template's texts, the key among them once more: lengths, deltas, tail. */
const RECORD_OVERHEAD_BYTES = 5 + 1 + MAX_VARINT_BYTES + 5 + 5 + MAX_TAIL_BYTES + 1;

/** Identifies an idempotent producer: a broker expects its records of a partition in sequence within an epoch. */
export interface ProducerIdAndEpoch {
  readonly id: bigint;
  /** 0 to 32,767. */
  readonly epoch: number;
}

export class RecordBatch {
  readonly memory: Uint8Array;
  /** Bytes in use. */
  length = HEADER_BYTES;
  /** Records. */
  count = 0;
  /** ms; NaN while it is empty. */
  baseTimestamp = NaN;
  minTimestamp = Infinity;
  maxTimestamp = -Infinity;
  readonly #view: DataView;

  constructor(memory: Uint8Array) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  }

  /** The records, uncompressed. */
  get records(): Uint8Array {
    return this.memory.subarray(HEADER_BYTES, this.length);
  }

  clear(): void {
    this.length = HEADER_BYTES;
    this.count = 0;
    this.baseTimestamp = NaN;
    this.minTimestamp = Infinity;
    this.maxTimestamp = -Infinity;
  }

  /**
   * Adds a record of a template and a reading.
   *
   * @param block memory that holds the template, from `at` on.
   * @param limit bytes that the batch may take.
   * @returns false when it does not fit: then nothing has changed.
   */
  append(block: Uint8Array, at: number, tail: ReadingTail, limit: number): boolean {
    const keyLength = (block[at + TEMPLATE.keyLength] ?? 0) | ((block[at + TEMPLATE.keyLength + 1] ?? 0) << 8);
    const textsLength = (block[at + TEMPLATE.length] ?? 0) | ((block[at + TEMPLATE.length + 1] ?? 0) << 8);
    if (this.length + keyLength + textsLength + RECORD_OVERHEAD_BYTES > limit) {
      return false;
    }

    const { memory, count } = this;
    const timestampDelta = this.#note(tail.timestamp);
    const valueLength = textsLength + tail.length;
    const bodyLength =
      // attributes, deltas, key, the value's length, value, number of headers
      1 +
      varintSize(timestampDelta) +
      smallVarintSize(count) +
      keyLength +
      smallVarintSize(valueLength) +
      valueLength +
      1;
    let to = writeVarint(memory, this.length, bodyLength);
    memory[to++] = 0;
    to = writeVarint(memory, to, timestampDelta);
    to = writeVarint(memory, to, count);
    // Byte by byte: up to some 50 bytes that beats any call that copies.
    const texts = at + TEMPLATE.texts;
    for (let from = texts; from < texts + keyLength; from += 1) {
      memory[to++] = block[from] ?? 0;
    }
    to = writeVarint(memory, to, valueLength);
    for (let from = texts; from < texts + textsLength; from += 1) {
      memory[to++] = block[from] ?? 0;
    }
    const { bytes, length } = tail;
    for (let from = 0; from < length; from += 1) {
      memory[to++] = bytes[from] ?? 0;
    }
    memory[to++] = 0;
    this.length = to;
    this.count = count + 1;
    return true;
  }

  /**
   * Adds a record that another batch holds.
   *
   * @param timestamp the record's, ms.
   * @param rest its bytes after the deltas: key, value and headers.
   */
  appendCopy(timestamp: number, rest: Uint8Array): void {
    const timestampDelta = this.#note(timestamp);
    const bodyLength = 1 + varintSize(timestampDelta) + smallVarintSize(this.count) + rest.length;
    let to = writeVarint(this.memory, this.length, bodyLength);
    this.memory[to++] = 0;
    to = writeVarint(this.memory, to, timestampDelta);
    to = writeVarint(this.memory, to, this.count);
    this.memory.set(rest, to);
    this.length = to + rest.length;
    this.count += 1;
  }

  /**
   * Fills in the header; the same arguments give the same bytes again.
   *
   * @param baseSequence of the first record, 0 to 2^31 - 1.
   * @returns the bytes of the batch, in the batch's own memory.
   */
  seal(producer: ProducerIdAndEpoch, baseSequence: number): Uint8Array {
    const bytes = this.memory.subarray(0, this.length);
    this.#writeHeader(bytes, this.#view, producer, baseSequence, 0);
    return bytes;
  }

  /**
   * As {@link seal}, with the records compressed.
   *
   * @param codec as the attributes have it.
   * @param compressed what the codec made of {@link records}.
   * @returns memory of its own.
   */
  sealCompressed(
    producer: ProducerIdAndEpoch,
    baseSequence: number,
    codec: number,
    compressed: Uint8Array,
  ): Uint8Array {
    const bytes = new Uint8Array(HEADER_BYTES + compressed.length);
    bytes.set(compressed, HEADER_BYTES);
    this.#writeHeader(bytes, new DataView(bytes.buffer), producer, baseSequence, codec);
    return bytes;
  }

  /** @returns the timestamp's difference from the first. */
  #note(timestamp: number): number {
    if (this.count === 0) {
      this.baseTimestamp = timestamp;
    }
    if (timestamp < this.minTimestamp) {
      this.minTimestamp = timestamp;
    }
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp;
    }
    return timestamp - this.baseTimestamp;
  }

  #writeHeader(
    bytes: Uint8Array,
    view: DataView,
    producer: ProducerIdAndEpoch,
    baseSequence: number,
    attributes: number,
  ): void {
    view.setBigInt64(0, 0n);
    view.setInt32(8, bytes.length - 12);
    view.setInt32(12, -1);
    view.setInt8(16, 2);
    view.setInt16(CRC_FROM, attributes);
    view.setInt32(23, this.count - 1);
    view.setBigInt64(27, BigInt(this.baseTimestamp));
    view.setBigInt64(35, BigInt(this.maxTimestamp));
    view.setBigInt64(43, producer.id);
    view.setInt16(51, producer.epoch);
    view.setInt32(53, baseSequence);
    view.setInt32(57, this.count);
    view.setUint32(17, crc32c(bytes.subarray(CRC_FROM)));
  }
}
