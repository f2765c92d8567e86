import { describe, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { z } from 'zod';

import { registerCodecs } from '../../../engines/audit/codecs.ts';
import { type CodecName, compressorOf } from '../../../src/kafka/producer/compression.ts';

const codecSchema = z.object({
  decompress: z.custom<(buffer: Buffer) => Promise<Buffer>>((value) => typeof value === 'function'),
});

const { CompressionCodecs, CompressionTypes } = kafkajs;

describe("the auditor's Kafka client", () => {
  test.each<[CodecName, number, () => unknown]>([
    ['lz4', CompressionTypes.LZ4, (): unknown => CompressionCodecs[CompressionTypes.LZ4]()],
    ['zstd', CompressionTypes.ZSTD, (): unknown => CompressionCodecs[CompressionTypes.ZSTD]()],
  ])('reads %s as hosts write it', async (name, type, made) => {
    registerCodecs();
    const compressor = await compressorOf(name);
    const records = Buffer.from('a reading, and another reading, and another reading');
    const compressed = Buffer.from(compressor?.compress(records) ?? []);
    expect(compressor?.codec).toBe(type);
    expect(compressed.equals(records)).toBe(false);
    const codec = codecSchema.parse(made());
    expect(await codec.decompress(compressed)).toEqual(records);
  });
});
