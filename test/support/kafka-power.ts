import { randomUUID } from 'node:crypto';

import { Kafka, logLevel } from 'kafkajs';

import { appliances } from '../../src/core/appliances/registry.ts';
import { until } from '../../src/core/clock/until.ts';
import { powerraw } from '../../src/core/messages/messages.ts';
import { TOPICS } from '../../src/core/messages/topics.ts';
import { withAdmin } from '../../src/kafka/admin.ts';

/**
 * The mean power of all appliances over a span, added up from the readings in Kafka and from nothing else, kW.
 *
 * @param fromMs first moment of the span, ms since the epoch.
 * @param toMs first moment after it; records of it must all be in Kafka already.
 */
export async function powerOfAppliancesKw(brokers: string, fromMs: number, toMs: number): Promise<number> {
  const roles = new Map(appliances().map(({ name, role }) => [name, role]));
  const kafka = new Kafka({ clientId: 'kafka-power', brokers: [brokers], logLevel: logLevel.NOTHING });
  const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(TOPICS.powerraw));
  // Partitions without records have nothing to wait for.
  const left = new Map(
    ends.filter(({ high, low }) => high !== low).map(({ partition, high }) => [partition, BigInt(high)]),
  );

  const consumer = kafka.consumer({ groupId: `kafka-power-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPICS.powerraw, fromBeginning: true });
  let joules = 0;
  try {
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        const end = left.get(partition);
        if (end === undefined || message.value === null) {
          return Promise.resolve();
        }
        const reading = powerraw.decode(message.value);
        if (
          reading.timestamp >= fromMs &&
          reading.timestamp < toMs &&
          roles.get(reading.appliance_name) === 'appliance'
        ) {
          joules += (reading.power * reading.interval_ms) / 1_000;
        }
        if (BigInt(message.offset) + 1n >= end) {
          left.delete(partition);
        }
        return Promise.resolve();
      },
    });
    await until(() => left.size === 0, { timeoutMs: 60_000 });
  } finally {
    await consumer.disconnect();
  }
  return joules / ((toMs - fromMs) / 1_000) / 1_000;
}
