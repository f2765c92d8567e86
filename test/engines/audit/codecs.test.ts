import { describe, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { z } from 'zod';

import { registerCodecs } from '../../../engines/audit/codecs.ts';
import { type CodecName, compressorOf } from '../../../src/kafka/producer/compression.ts';

const codecSchema = z.object({
  decompress: z.custom<(buffer: Buffer) => Promise<Buffer>>((value) => typeof value === 'function'),
});

describe("the auditor's Kafka client", () => {
  test.each<[CodecName, typeof kafkajs.CompressionTypes.LZ4 | typeof kafkajs.CompressionTypes.ZSTD]>([
    ['lz4', kafkajs.CompressionTypes.LZ4],
    ['zstd', kafkajs.CompressionTypes.ZSTD],
  ])('reads %s as hosts write it', async (name, type) => {
    registerCodecs();
    const compressor = await compressorOf(name);
    const records = Buffer.from('a reading, and another reading, and another reading');
    const compressed = Buffer.from(compressor?.compress(records) ?? []);
    expect(compressor?.codec).toBe(type);
    expect(compressed.equals(records)).toBe(false);
    const codec = codecSchema.parse(kafkajs.CompressionCodecs[type]());
    expect(await codec.decompress(compressed)).toEqual(records);
  });
});
