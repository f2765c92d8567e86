/** Which slots the topic holds whole. A slot is one transaction: what a committed reader sees of it is all of it. */
import type { Kafka } from 'kafkajs';

import { TOPICS } from '../core/messages/topics.ts';
import { withAdmin } from '../kafka/admin.ts';
import { readCommitted, type Stretch } from '../kafka/read-committed.ts';

/** How many messages of one slot are committed in the topic; 0 when the slot is not there, or was never finished. */
export async function messagesOfSlot(kafka: Kafka, groupId: string, slotMs: number): Promise<number> {
  const slots = await wholeSlots(kafka, groupId, await stretchesSince(kafka, slotMs));
  return slots.get(slotMs) ?? 0;
}

/**
 * The committed messages of each slot in stretches of the topic.
 *
 * @returns slot (wall-clock ms) -> messages.
 */
export async function wholeSlots(
  kafka: Kafka,
  groupId: string,
  stretches: readonly Stretch[],
): Promise<Map<number, number>> {
  const slots = new Map<number, number>();
  await readCommitted(kafka, {
    topic: TOPICS.history,
    groupId,
    stretches,
    // A record carries its slot as its timestamp, so there is nothing to decode.
    onMessage: ({ timestamp }) => slots.set(Number(timestamp), (slots.get(Number(timestamp)) ?? 0) + 1),
  });
  return slots;
}

/** From the first record of a slot or a later one to the end: no record of the slot lies before. */
async function stretchesSince(kafka: Kafka, slotMs: number): Promise<Stretch[]> {
  return withAdmin(kafka, async (admin) => {
    const first = await admin.fetchTopicOffsetsByTimestamp(TOPICS.history, slotMs);
    const ends = await admin.fetchTopicOffsets(TOPICS.history);
    return ends.map(({ partition, high }) => ({
      partition,
      from: BigInt(first.find((other) => other.partition === partition)?.offset ?? 0),
      to: BigInt(high),
    }));
  });
}
