import type { GridConfig } from '../config/schema.ts';
import type { AlarmDefinition } from './alarm.ts';
import { brokerMetric, clusterMetric } from './grid-metrics.ts';

/** Of Kafka: disks, copies, leaders. */
export function kafkaAlarms(config: GridConfig): AlarmDefinition[] {
  const brokers = Array.from({ length: config.kafka.brokers }, (_, index) => index + 1);
  return [
    ...brokers.map((broker): AlarmDefinition => ({
      id: `broker-${broker}-disk`,
      what: `The disk of Kafka broker ${broker} is over 80 % full although it should have grown by itself, or the broker reports nothing.`,
      section: 'broker-disk',
      metric: brokerMetric(config, broker, 'KafkaDataLogsDiskUsed'),
      threshold: 80,
      silence: 'breaching',
    })),
    ...brokers.map((broker): AlarmDefinition => ({
      id: `broker-${broker}-under-replicated`,
      what: `Partitions led by Kafka broker ${broker} have been under-replicated for 15 minutes.`,
      section: 'broker-under-replicated',
      metric: brokerMetric(config, broker, 'UnderReplicatedPartitions'),
      threshold: 0,
      silence: { reportedBy: `broker-${broker}-disk` },
    })),
    {
      id: 'offline-partitions',
      what: 'Some partitions of Kafka have no leader: they can be neither written nor read.',
      section: 'offline-partitions',
      metric: clusterMetric(config, 'OfflinePartitionsCount'),
      threshold: 0,
      periods: 1,
      // MSK's metrics come about a minute late: a single missing period is no news. A cluster that publishes nothing
      // publishes nothing of its brokers either.
      silence: { reportedBy: 'broker-1-disk' },
    },
  ];
}
