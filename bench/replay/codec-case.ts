/**
 * What compression makes of readings: bytes in Kafka and CPU time, by codec. There is no broker: batches are built and
 * compressed as the direct sink does it, from the sample data as the replay plays them. Brokers keep batches as they
 * come (`compression.type=producer`), so these bytes are those on the wire and on the disks.
 */
import { type CodecName, CODECS, compressorOf } from '../../src/kafka/producer/compression.ts';
import { HEADER_BYTES } from '../../src/kafka/producer/record-batch.ts';
import type { BenchCase, Contender } from '../harness/bench-case.ts';
import { sampleBatches } from './sample-batches.ts';

/** Records of a batch: what a partition gets in a slice of the pacer, 25 ms, at 100,000 readings/s over six partitions. */
const RECORDS_PER_BATCH = 400;
const READINGS = 2_000_000;

export const codecCase: BenchCase = {
  name: 'codec',
  title: `record batches of ${RECORDS_PER_BATCH} readings of the sample data, by codec, without a broker, in Node ${process.versions.node}`,
  unit: 'readings/s',
  async open({ scale }) {
    const batches = await sampleBatches(Math.ceil((READINGS * scale) / RECORDS_PER_BATCH), RECORDS_PER_BATCH);
    const count = batches.length * RECORDS_PER_BATCH;
    const contender = (name: CodecName): Contender => ({
      name,
      async run() {
        const compressor = await compressorOf(name);
        const before = process.cpuUsage();
        const start = performance.now();
        let bytes = 0;
        for (const records of batches) {
          bytes += HEADER_BYTES + (compressor ? compressor.compress(records).length : records.length);
        }
        const seconds = (performance.now() - start) / 1_000;
        const { user, system } = process.cpuUsage(before);
        return {
          rate: count / seconds,
          count,
          cpuSeconds: { client: (user + system) / 1e6 },
          more: { bytes_per_reading: bytes / count },
        };
      },
    });
    const [none, ...others] = CODECS.filter((name) => name !== 'zstd').map(contender);
    return {
      ours: contender('zstd'),
      peers: none ? [none, ...others] : others,
      close: () => Promise.resolve(),
    };
  },
};
