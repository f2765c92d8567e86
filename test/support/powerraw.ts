import type { Producer } from 'kafkajs';

import { type PowerRaw, powerraw } from '../../src/core/messages/messages.ts';
import { TOPICS } from '../../src/core/messages/topics.ts';

/** kafkajs copies a batch once per message to group it by partition, so its cost grows with the square of this. */
const BATCH_MESSAGES = 1_000;

/** Sends readings to topic powerraw as the replay does: keyed by house, each with its own timestamp. */
export async function sendPowerraw(producer: Producer, readings: readonly PowerRaw[]): Promise<void> {
  for (let start = 0; start < readings.length; start += BATCH_MESSAGES) {
    const messages = readings
      .slice(start, start + BATCH_MESSAGES)
      .map((one) => ({ key: one.house_id, value: powerraw.encode(one), timestamp: String(one.timestamp) }));
    await producer.send({ topic: TOPICS.powerraw, acks: -1, messages });
  }
}
