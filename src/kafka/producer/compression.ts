/**
 * How the records of a batch may be compressed, by codecs that Kafka knows. Bindings are loaded when they are asked for:
 * most grids compress nothing, since the network inside one zone is cheaper than the CPU.
 */
import * as zlib from 'node:zlib';

import { SinkError } from './record-sink.ts';

/** Makes a batch's records smaller. */
export interface Compressor {
  /** Kafka's number of the codec, as a batch's attributes have it. */
  readonly codec: number;
  /** @returns memory of its own. */
  compress(records: Uint8Array): Uint8Array;
}

export const CODECS = ['none', 'gzip', 'lz4', 'zstd'] as const;
export type CodecName = (typeof CODECS)[number];

/** Of gzip and zstd alike: readings mostly repeat ids, and the first level finds that as well as any. */
const LEVEL = 1;
const ZSTD_OPTIONS = { params: { [zlib.constants.ZSTD_c_compressionLevel]: LEVEL } };

/**
 * @returns undefined for `none`.
 * @throws SinkError when the package of the codec can't be loaded.
 */
export async function compressorOf(name: CodecName): Promise<Compressor | undefined> {
  switch (name) {
    case 'none':
      return undefined;
    case 'gzip':
      return { codec: 1, compress: (records) => zlib.gzipSync(records, { level: LEVEL }) };
    case 'lz4':
      return lz4();
    case 'zstd':
      return { codec: 4, compress: (records) => zlib.zstdCompressSync(records, ZSTD_OPTIONS) };
  }
}

async function lz4(): Promise<Compressor> {
  try {
    const { compressFrameSync } = await import('lz4-napi');
    return {
      codec: 3,
      compress: (records) => compressFrameSync(Buffer.from(records.buffer, records.byteOffset, records.length)),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new SinkError(`compression lz4 needs the package lz4-napi, which does not load (${reason}): choose gzip`);
  }
}
