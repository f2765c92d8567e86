/**
 * Reads the topics of a run beside the engines and keeps count: how many records there are, and which windows are
 * expected from them. It shares only the message schemas and the length of a slide with what it audits.
 *
 * A killed auditor starts again from the same offsets, so its counts do not depend on what it remembers.
 */
import { Command } from 'commander';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { z } from 'zod';

import { dutycycle, history, powerraw } from '../../src/core/messages/messages.ts';
import { type Topic, TOPICS } from '../../src/core/messages/topics.ts';
import { ignoreOverdueTimers } from '../../src/kafka/overdue-timers.ts';
import { registerCodecs } from './codecs.ts';
import type { AuditEvent } from './events.ts';
import { ReadingAuditor } from './readings.ts';
import { SlotAuditor } from './slots.ts';
import { WindowAuditor } from './windows.ts';

const REPORT_EVERY_MS = 1_000;

/**
 * After how many reports without an answer of a broker the auditor ends, to be started again: a consumer of kafkajs that
 * gives up leaves a program that reports for ever and reads nothing. Reports and not seconds, since a process that was
 * stopped for a while (SIGSTOP) has missed nothing.
 */
const SILENT_REPORTS = 90;

const options = z
  .object({
    brokers: z.string(),
    /** By topic and partition, the first offset to read. */
    from: z.string().transform((text) => z.record(z.string(), z.record(z.string(), z.int())).parse(JSON.parse(text))),
    /** By partition of powerraw, where the part that Spark reads begins. */
    streamFrom: z.string().transform((text) => z.record(z.string(), z.int()).parse(JSON.parse(text))),
    liveFrom: z.coerce.number(),
    slide: z.coerce.number(),
    watermark: z.coerce.number(),
  })
  .parse(
    new Command()
      .requiredOption('--brokers <host:port>')
      .requiredOption('--from <json>', 'offsets to start at, by topic and partition')
      .requiredOption('--stream-from <json>', 'offsets of powerraw that the streaming job starts at, by partition')
      .requiredOption('--live-from <ms>', 'no reading of the stream is older, ms since the epoch')
      .requiredOption('--slide <ms>', 'how often a window ends')
      .requiredOption('--watermark <ms>')
      .parse()
      .opts(),
  );

const windows = new WindowAuditor(options.slide, options.watermark, options.liveFrom);
const slots = new SlotAuditor();
const readings = new ReadingAuditor();
const records: Record<Topic, number> = { powerraw: 0, dutycycle: 0, history: 0, deadletter: 0 };
const positions: Record<string, Record<string, number>> = structuredClone(options.from);

/** The message, or undefined for bytes that are none: those are the dead letters' affair. */
function readable<Decoded>(decode: () => Decoded): Decoded | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

function take(topic: string, partition: number, { offset, key, value }: KafkaMessage): void {
  switch (topic) {
    case TOPICS.powerraw: {
      records.powerraw += 1;
      const house = key?.toString();
      // No windows are expected from the backfill.
      if (Number(offset) < (options.streamFrom[partition] ?? 0)) {
        readings.count(house);
        break;
      }
      const reading = readable(() => powerraw.decode(value ?? Buffer.alloc(0)));
      if (!reading) {
        break;
      }
      readings.count(house);
      readings.live(reading.appliance_id, reading.timestamp);
      windows.reading(reading.appliance_id, reading.timestamp);
      break;
    }
    case TOPICS.dutycycle: {
      records.dutycycle += 1;
      const message = readable(() => dutycycle.decode(value ?? Buffer.alloc(0)));
      if (message) {
        windows.dutyCycle(message.appliance_id, message.window_end);
      }
      break;
    }
    case TOPICS.history: {
      records.history += 1;
      const message = readable(() => history.decode(value ?? Buffer.alloc(0)));
      if (message) {
        slots.add(message.appliance_id, message.timestamp);
      }
      break;
    }
    default:
      records.deadletter += 1;
  }
}

registerCodecs();
ignoreOverdueTimers();
const kafka = new Kafka({ clientId: 'igrid-audit', brokers: [options.brokers], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `igrid-audit-${process.pid}`, maxWaitTimeInMs: 250 });
await consumer.connect();
await consumer.subscribe({ topics: Object.keys(options.from), fromBeginning: true });
const readUpTo = (topic: string, partition: number, lastOffset: string): void => {
  (positions[topic] ??= {})[partition] = Number(lastOffset) + 1;
};
// Also told of fetches that held nothing but transaction markers: a position must move past those as well.
consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
  readUpTo(topic, partition, lastOffset);
});
// At every join, since a group that is joined again would start over: the group commits nothing.
consumer.on(consumer.events.GROUP_JOIN, () => {
  for (const [topic, partitions] of Object.entries(positions)) {
    for (const [partition, offset] of Object.entries(partitions)) {
      consumer.seek({ topic, partition: Number(partition), offset: String(offset) });
    }
  }
});
const giveUp = (reason: string): void => {
  console.error(`audit: ${reason}; it has to be started again`);
  process.exit(1);
};
let silentReports = 0;
consumer.on(consumer.events.FETCH, () => {
  silentReports = 0;
});
consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
  if (!restart) {
    giveUp(`the consumer ended: ${error.message}`);
  }
});
await consumer.run({
  autoCommit: false,
  eachBatch: ({ batch }) => {
    for (const message of batch.messages) {
      take(batch.topic, batch.partition, message);
    }
    readUpTo(batch.topic, batch.partition, batch.lastOffset());
    return Promise.resolve();
  },
});

const report = (): void => {
  const event: AuditEvent = {
    event: 'audit',
    records,
    readings: readings.audit(),
    positions,
    newest_ms: windows.newestMs,
    windows: windows.audit(),
    history: slots.audit(),
  };
  console.log(JSON.stringify(event));
};
const timer = setInterval(() => {
  report();
  silentReports += 1;
  if (silentReports > SILENT_REPORTS) {
    giveUp(`no broker has answered for ${(SILENT_REPORTS * REPORT_EVERY_MS) / 1_000} s`);
  }
}, REPORT_EVERY_MS);
process.once('SIGTERM', () => {
  clearInterval(timer);
  report();
  void consumer.disconnect().finally(() => process.exit(0));
});
