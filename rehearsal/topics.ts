/** The broker that stands for MSK, seen from outside. */
import { Kafka, logLevel } from 'kafkajs';

import { withAdmin } from '../src/kafka/with-admin.ts';
import { TOPICS, type Topic } from '../src/messages/topics.ts';
import { PORTS, SERVICE_ADDRESS } from './addresses.ts';
import { eventually } from './eventually.ts';

export const BROKERS = `${SERVICE_ADDRESS}:${PORTS.kafka}`;

/** How long a change may take to be seen: a reboot, a job's first batch. */
const PATIENCE_MS = 5 * 60_000;
/** Over this long messages are counted. */
const FLOW_MS = 10_000;

const kafka = (): Kafka => new Kafka({ brokers: [BROKERS], logLevel: logLevel.NOTHING });

/** Ends of all topics: by topic and partition the offset of the next message. */
export async function ends(): Promise<Record<string, Record<string, number>>> {
  return withAdmin(kafka(), async (admin) => {
    const topics = await Promise.all(
      Object.values(TOPICS).map(async (topic) => {
        const offsets = await admin.fetchTopicOffsets(topic);
        return [topic, Object.fromEntries(offsets.map(({ partition, high }) => [partition, Number(high)]))] as const;
      }),
    );
    return Object.fromEntries(topics);
  });
}

/** How many offsets of a topic are taken: messages, and the markers of transactions. */
export async function messages(topic: Topic): Promise<number> {
  return Object.values((await ends())[topic] ?? {}).reduce((sum, end) => sum + end, 0);
}

/** Waits until a topic grows, and says by how much. @throws ProofError when it does not. */
export async function flowing(topic: Topic): Promise<string> {
  const start = await messages(topic);
  const startedMs = Date.now();
  const count = await eventually(
    async () => {
      const now = await messages(topic);
      return now > start && Date.now() - startedMs >= FLOW_MS && now;
    },
    { timeoutMs: PATIENCE_MS, everyMs: 1_000 },
    () => `nothing new in ${topic} for ${PATIENCE_MS / 60_000} minutes; it holds ${start}`,
  );
  return `${topic}: ${count - start} in ${Math.round((Date.now() - startedMs) / 1_000)} s, ${count} in all`;
}
