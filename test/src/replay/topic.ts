/** What a topic really holds, read by a client and a decoder that share nothing with the sender's bookkeeping. */
import { readFileSync } from 'node:fs';

import avsc from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import pRetry from 'p-retry';
import { z } from 'zod';

import { repositoryPath } from '../../../src/files/repository.ts';
import { withAdmin } from '../../../src/kafka/admin.ts';

const schema = z
  .record(z.string(), z.unknown())
  .parse(JSON.parse(readFileSync(repositoryPath('src/core/messages/powerraw.avsc'), 'utf8')));
const type = avsc.Type.forSchema(schema as unknown as avsc.Schema);
const messageShape = z.object({
  house_id: z.string(),
  appliance_id: z.string(),
  appliance_name: z.string(),
  timestamp: z.number(),
  power: z.number(),
  interval_ms: z.number(),
});

export interface TopicRecord extends z.infer<typeof messageShape> {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** The record's own timestamp, ms. */
  readonly recordTimestamp: number;
}

function client(brokers: string): Kafka {
  return new Kafka({ clientId: 'test', brokers: [brokers], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
}

/** @param config of the topic, e.g. `max.message.bytes`; it keeps everything, since tests write readings of any age. */
export async function createTopic(
  brokers: string,
  topic: string,
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  await withAdmin(client(brokers), (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: partitions,
          replicationFactor: 1,
          configEntries: Object.entries({ 'retention.ms': '-1', ...config }).map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
}

/** All records of a topic that is no longer written to, in order within each partition. */
export async function readTopic(brokers: string, topic: string): Promise<TopicRecord[]> {
  const kafka = client(brokers);
  // A broker that has just started again answers before it leads its partitions.
  const ends = await withAdmin(kafka, (admin) =>
    pRetry(() => admin.fetchTopicOffsets(topic), { retries: 20, minTimeout: 250, factor: 1 }),
  );
  const total = ends.reduce((sum, { high }) => sum + Number(high), 0);
  // By offset: a consumer that loses its group reads again what it had not committed.
  const records = new Map<string, TopicRecord>();
  if (total === 0) {
    return [];
  }
  const consumer = kafka.consumer({ groupId: `test-${Date.now()}-${Math.random()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  try {
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => {
        if (!payload.restart) {
          reject(payload.error);
        }
      });
      consumer
        .run({
          eachBatch: ({ batch }) => {
            for (const { key, value, offset, timestamp } of batch.messages) {
              const message = messageShape.parse(type.fromBuffer(value ?? Buffer.alloc(0)));
              records.set(`${batch.partition} ${offset}`, {
                ...message,
                partition: batch.partition,
                offset: Number(offset),
                key: key?.toString() ?? '',
                recordTimestamp: Number(timestamp),
              });
            }
            if (records.size >= total) {
              resolve();
            }
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return [...records.values()].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
