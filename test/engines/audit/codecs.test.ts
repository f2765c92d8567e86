import { describe, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';

import { registerCodecs } from '../../../engines/audit/codecs.ts';
import { type CodecName, compressorOf } from '../../../src/kafka/producer/compression.ts';

describe("the auditor's Kafka client", () => {
  test.each<[CodecName, number]>([
    ['lz4', kafkajs.CompressionTypes.LZ4],
    ['zstd', kafkajs.CompressionTypes.ZSTD],
  ])('reads %s as hosts write it', async (name, type) => {
    registerCodecs();
    const compressor = await compressorOf(name);
    const records = Buffer.from('a reading, and another reading, and another reading');
    const compressed = Buffer.from(compressor?.compress(records) ?? []);
    expect(compressor?.codec).toBe(type);
    expect(compressed.equals(records)).toBe(false);
    const codec = kafkajs.CompressionCodecs[type as kafkajs.CompressionTypes]() as {
      decompress: (buffer: Buffer) => Promise<Buffer>;
    };
    expect(await codec.decompress(compressed)).toEqual(records);
  });
});
