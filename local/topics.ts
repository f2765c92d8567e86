import { type Admin, Kafka, logLevel } from 'kafkajs';
import pRetry from 'p-retry';

import { TOPICS } from '../src/core/messages/topics.ts';
import { withAdmin } from '../src/kafka/admin.ts';

/** As in the seed: enough for six readers, few enough for one machine. */
const PARTITIONS = 6;

/** Offsets by topic and partition. */
export type TopicOffsets = Record<string, Record<string, number>>;

/** Makes sure that the topics exist; then says where each ends. */
export async function ensureTopics(brokers: string): Promise<TopicOffsets> {
  return withAdmin(client(brokers), async (admin) => {
    const topics = Object.values(TOPICS);
    return pRetry(
      async () => {
        // Under KRaft kafkajs reports errors that aren't (tulios/kafkajs#1563): what counts is the list afterwards.
        const complaint = await admin
          .createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })) })
          .then(
            () => '',
            (error: unknown) => `: ${String(error)}`,
          );
        const known = await admin.listTopics();
        const missing = topics.filter((topic) => !known.includes(topic));
        if (missing.length > 0) {
          throw new Error(`Kafka has no topic ${missing.join(', ')}, although it was told to${complaint}`);
        }
        // A new topic's leaders need a moment.
        return offsetsOf(admin);
      },
      { retries: 30, minTimeout: 200, maxTimeout: 1_000 },
    );
  });
}

/** Where each topic ends now: the offset of its next record, by partition. */
export async function endOffsets(brokers: string): Promise<TopicOffsets> {
  return withAdmin(client(brokers), offsetsOf);
}

async function offsetsOf(admin: Admin): Promise<TopicOffsets> {
  const entries = await Promise.all(
    Object.values(TOPICS).map(async (topic) => {
      const partitions = await admin.fetchTopicOffsets(topic);
      return [topic, Object.fromEntries(partitions.map(({ partition, high }) => [partition, Number(high)]))] as const;
    }),
  );
  return Object.fromEntries(entries);
}

function client(brokers: string): Kafka {
  return new Kafka({ clientId: 'igrid-local', brokers: [brokers], logLevel: logLevel.NOTHING });
}
