/** What a topic holds, as Kafka's own Java client reads it. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { execa } from 'execa';

import type { EngineHomes } from '../../engines/setup/set-up.ts';

export interface ConsumedRecord {
  readonly partition: number;
  readonly offset: number;
  /** The record's own, ms. */
  readonly timestamp: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The console consumer's words for a record; a tab in a key or a value is escaped. */
const LINE =
  /^CreateTime:(?<timestamp>-?\d+)\tPartition:(?<partition>\d+)\tOffset:(?<offset>\d+)\t(?<key>.*)\t(?<value>.*)$/;

/**
 * Reads so many records from the beginning of a topic's partitions.
 *
 * @throws Error when they don't come within a minute.
 */
export async function consume(
  homes: EngineHomes,
  brokers: string,
  topic: string,
  records: number,
  onRecord: (record: ConsumedRecord) => void,
): Promise<void> {
  const bytes = 'org.apache.kafka.common.serialization.BytesDeserializer';
  const properties = {
    'print.timestamp': true,
    'print.partition': true,
    'print.offset': true,
    'print.key': true,
    'key.deserializer': bytes,
    'value.deserializer': bytes,
  };
  const process = execa(
    homes.tools.java,
    [
      ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', join(homes.kafkaJars, '*')],
      ...['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', brokers, '--topic', topic],
      ...['--from-beginning', '--max-messages', String(records), '--timeout-ms', '60000'],
      ...Object.entries(properties).flatMap(([name, value]) => ['--property', `${name}=${value}`]),
    ],
    { buffer: false, reject: false },
  );
  let found = 0;
  for await (const line of createInterface({ input: process.stdout })) {
    const groups = LINE.exec(line)?.groups;
    if (!groups) {
      continue;
    }
    found += 1;
    onRecord({
      timestamp: Number(groups.timestamp),
      partition: Number(groups.partition),
      offset: Number(groups.offset),
      key: unescape(groups.key ?? ''),
      value: unescape(groups.value ?? ''),
    });
  }
  await process;
  if (found !== records) {
    throw new Error(`the console consumer found ${found} of ${records} records of topic ${topic}`);
  }
}

/** The bytes of what org.apache.kafka.common.utils.Bytes makes of them: printable ASCII as it is, all else as \xHH. */
function unescape(text: string): Buffer {
  return Buffer.from(
    text.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
