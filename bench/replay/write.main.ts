/**
 * Writes made-up readings through a sink as fast as the brokers take them, and prints how fast that was: what the way
 * into Kafka costs without data sets and pacing. `--group`: houses that share a reading, as playbacks of one house do.
 */
import { Command, Option } from 'commander';

import { wholeNumber } from '../../src/command-line/option-parsers.ts';
import { type CodecName, CODECS } from '../../src/kafka/producer/compression.ts';
import { DirectSink } from '../../src/kafka/producer/direct-sink.ts';
import { KafkaJsSink } from '../../src/kafka/producer/kafkajs-sink.ts';

const HOUSES = 500;
const APPLIANCES_PER_HOUSE = 20;
/** Readings that may wait for acknowledgement, as in the pacer. */
const MAX_PENDING = 250_000;

interface Options {
  readonly brokers: string;
  readonly topic: string;
  readonly readings: number;
  readonly sink: 'direct' | 'kafkajs';
  readonly compression: CodecName;
  readonly batch: number;
  readonly group: number;
}

const options = new Command('write')
  .requiredOption('--brokers <host:port,...>', 'at least one broker')
  .requiredOption('--topic <name>', 'target topic')
  .requiredOption('--readings <number>', 'how many', wholeNumber(1))
  .addOption(new Option('--sink <way>', 'producer implementation').choices(['direct', 'kafkajs']).default('direct'))
  .addOption(new Option('--compression <codec>', 'of record batches').choices(CODECS).default('none'))
  .option('--batch <bytes>', 'direct: size of a batch', wholeNumber(1), 256 * 1_024)
  .option('--group <houses>', 'houses that share a reading', wholeNumber(1), 50)
  .parse()
  .opts<Options>();

const common = {
  kafka: { brokers: options.brokers.split(','), auth: 'none', clientId: 'bench' },
  topic: options.topic,
  connectTimeoutMs: 30_000,
  log: () => undefined,
} as const;
const sink =
  options.sink === 'direct'
    ? new DirectSink({
        ...common,
        compression: options.compression,
        batchBytes: options.batch,
      })
    : new KafkaJsSink({ ...common, compression: options.compression === 'gzip' ? 'gzip' : 'none' });

await sink.open();
const first: number[] = [];
for (let house = 0; house < HOUSES; house += 1) {
  const houseId = `1_${house}_3`;
  for (let channel = 0; channel < APPLIANCES_PER_HOUSE; channel += 1) {
    const number = sink.appliance({ houseId, applianceId: `${houseId}_${channel}`, applianceName: 'washer dryer' });
    if (channel === 0) {
      first.push(number);
    }
  }
}
const groups = Array.from({ length: Math.ceil(HOUSES / options.group) }, (_, index) => {
  const houses = Uint32Array.from(first.slice(index * options.group, (index + 1) * options.group));
  return { first: houses, factor: new Float64Array(houses.length).fill(1.1) };
});

const start = Date.now();
for (let timestamp = start; sink.counts.sent < options.readings; timestamp += 1_000) {
  for (const [index, group] of groups.entries()) {
    for (let channel = 0; channel < APPLIANCES_PER_HOUSE; channel += 1) {
      sink.writeGroup(group, channel, timestamp + index, 120 + channel, 1_000);
      while (sink.pending > MAX_PENDING) {
        sink.flush();
        await sink.acknowledgement();
      }
    }
  }
}
await sink.drain();
const seconds = (Date.now() - start) / 1_000;
const { acknowledged } = sink.counts;
await sink.close();
console.log(JSON.stringify({ acknowledged, per_second: acknowledged / seconds }));
