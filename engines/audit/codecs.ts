import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';

import kafkajs from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';

const zstd = { compress: promisify(zstdCompress), decompress: promisify(zstdDecompress) };

/** Lets kafkajs, which has gzip alone, read what hosts and the duty-cycle job write (zstd), and what hosts wrote before (lz4). */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => compressFrame(buffer),
    decompress: (buffer: Buffer) => decompressFrame(buffer),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => zstd.compress(buffer),
    decompress: (buffer: Buffer) => zstd.decompress(buffer),
  });
}
