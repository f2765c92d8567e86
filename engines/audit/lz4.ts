import kafkajs from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';

/** Lets kafkajs, which has gzip alone, read what the replay's own record path writes on hosts. */
export function registerLz4(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) => compressFrame(buffer),
    decompress: (buffer: Buffer) => decompressFrame(buffer),
  });
}
