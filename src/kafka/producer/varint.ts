/**
 * Variable-length integers as both Avro and Kafka's record format v2 have them: zigzag, seven bits a byte, low first.
 *
 * @see https://avro.apache.org/docs/1.11.1/specification/#binary-encoding
 * @see https://kafka.apache.org/documentation/#record
 */

/** Below this magnitude a zigzag integer fits in the 32 bits that V8 computes in registers. */
const SMALL = 2 ** 30;

/** Below this one, it is exact in a JavaScript number; timestamps of our time lie here. */
const EXACT = 2 ** 52;

/** Bytes that {@link writeVarint} needs at most for any 64 bits. */
export const MAX_VARINT_BYTES = 10;

/** How many bytes {@link writeVarint} takes for a value from -2^30 to 2^30 - 1. */
export function smallVarintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) {
    return 1;
  }
  if (zigzag < 0x4000) {
    return 2;
  }
  if (zigzag < 0x20_0000) {
    return 3;
  }
  return zigzag < 0x1000_0000 ? 4 : 5;
}

/** How many bytes {@link writeVarint} takes. */
export function varintSize(value: number): number {
  if (value >= -SMALL && value < SMALL) {
    return smallVarintSize(value);
  }
  let rest = zigzagOf(value);
  let size = 1;
  for (; rest >= 0x80n; rest >>= 7n) {
    size += 1;
  }
  return size;
}

/**
 * Writes a whole number, exact to 2^53 either way.
 *
 * @returns where it ends.
 */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest: number;
  if (value >= -SMALL && value < SMALL) {
    rest = ((value << 1) ^ (value >> 31)) >>> 0;
  } else if (value > -EXACT && value < EXACT) {
    const zigzag = value < 0 ? -2 * value - 1 : 2 * value;
    // A number's low 32 bits; the others, at most 21, are what remains.
    const low = zigzag >>> 0;
    const high = (zigzag - low) / 2 ** 32;
    bytes[at] = low | 0x80;
    bytes[at + 1] = (low >>> 7) | 0x80;
    bytes[at + 2] = (low >>> 14) | 0x80;
    bytes[at + 3] = (low >>> 21) | 0x80;
    at += 4;
    rest = (low >>> 28) | (high << 4);
  } else {
    return writeLong(bytes, at, zigzagOf(value));
  }
  while (rest >= 0x80) {
    bytes[at++] = rest | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** An integer as read, and where the next thing starts. */
export interface ReadVarint {
  readonly value: bigint;
  readonly end: number;
}

/** Reads what {@link writeVarint} wrote. @throws RangeError when the bytes end before it does. */
export function readVarint(bytes: Uint8Array, at: number): ReadVarint {
  let zigzag = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[at++];
    if (byte === undefined) {
      break;
    }
    zigzag |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      return { value: (zigzag >> 1n) ^ -(zigzag & 1n), end: at };
    }
  }
  throw new RangeError(`no integer ends before byte ${at}`);
}

function zigzagOf(value: number): bigint {
  const long = BigInt(value);
  return long < 0n ? -2n * long - 1n : 2n * long;
}

function writeLong(bytes: Uint8Array, at: number, zigzag: bigint): number {
  let rest = zigzag;
  for (; rest >= 0x80n; rest >>= 7n) {
    bytes[at++] = Number(rest & 0x7fn) | 0x80;
  }
  bytes[at++] = Number(rest);
  return at;
}
