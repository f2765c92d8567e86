/** The broker that stands for MSK, seen from outside. */
import kafkajs, { Kafka, logLevel } from 'kafkajs';

import type { GridConfig } from '../lib/config/schema.ts';
import { type Topic, TOPICS } from '../src/core/messages/topics.ts';
import { withAdmin } from '../src/kafka/admin.ts';
import { PORTS, SERVICE_ADDRESS } from './addresses.ts';
import { eventually } from './eventually.ts';

export const BROKERS = `${SERVICE_ADDRESS}:${PORTS.kafka}`;

/** How long a change may take to be seen: a reboot, a job's first batch. */
const PATIENCE_MS = 5 * 60_000;
/** Over this long messages are counted. */
const FLOW_MS = 10_000;

const HOUR_MS = 3_600_000;

/** kafkajs' `ConfigSource.TOPIC_CONFIG`: its types have the enumeration, its code does not. */
const OF_TOPIC: readonly number[] = [1];

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

/** Partitions and settings of a topic, as the broker has them; defaults of the broker are not the topic's. */
export interface TopicState {
  readonly partitions: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** @returns all topics of the grid that there are, by name. */
export async function topicStates(): Promise<Record<string, TopicState>> {
  return withAdmin(kafka(), async (admin) => {
    const names = (await admin.listTopics()).filter((name) => Object.values<string>(TOPICS).includes(name));
    const { topics } = await admin.fetchTopicMetadata({ topics: names });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    });
    return Object.fromEntries(
      resources.map(({ resourceName, configEntries }) => {
        const own = configEntries.filter(({ configSource }) => OF_TOPIC.includes(configSource));
        const settings = Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue]));
        const partitions = topics.find(({ name }) => name === resourceName)?.partitions.length ?? 0;
        return [resourceName, { partitions, settings }];
      }),
    );
  });
}

/** @returns a line for each topic that is not as the configuration has it. */
export function topicMismatches(
  wanted: GridConfig['kafka']['topics'],
  found: Readonly<Record<string, TopicState>>,
): string[] {
  return Object.entries(wanted).flatMap(([name, { partitions, minInSyncReplicas, retentionHours }]) => {
    const state = found[name];
    if (state === undefined) {
      return [`there is no topic ${name}`];
    }
    const values: Readonly<Record<string, readonly [wanted: string, found: string | undefined]>> = {
      partitions: [String(partitions), String(state.partitions)],
      'min.insync.replicas': [String(minInSyncReplicas), state.settings['min.insync.replicas']],
      'retention.ms': [String(retentionHours * HOUR_MS), state.settings['retention.ms']],
    };
    return Object.entries(values).flatMap(([setting, [right, value]]) =>
      right === value ? [] : [`${name}: ${setting} is ${value ?? "the broker's default"}, not ${right}`],
    );
  });
}

/** How many offsets of a topic are taken: messages, and the markers of transactions. */
export async function messages(topic: Topic): Promise<number> {
  return Object.values((await ends())[topic] ?? {}).reduce((sum, end) => sum + end, 0);
}

/** Waits until a topic grows, and says by how much. @throws CheckError when it does not. */
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
