/** How the records of a batch may be compressed, by codecs that Kafka knows. */
import { gzipSync } from 'node:zlib';

/** Makes a batch's records smaller. */
export interface Compressor {
  /** Kafka's number of the codec, as a batch's attributes have it. */
  readonly codec: number;
  /** @returns memory of its own. */
  compress(records: Uint8Array): Uint8Array;
}

export const CODECS = ['none', 'gzip'] as const;
export type CodecName = (typeof CODECS)[number];

/** @returns undefined for `none`. */
export function compressorOf(name: CodecName): Compressor | undefined {
  switch (name) {
    case 'none':
      return undefined;
    case 'gzip':
      // Level 1: readings are mostly repetitions of ids, which the first level finds as well.
      return { codec: 1, compress: (records) => gzipSync(records, { level: 1 }) };
  }
}
