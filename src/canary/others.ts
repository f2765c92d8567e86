/**
 * Whether the topic's other producers are at the present. Spark's watermark is global: a reading of now among readings
 * that others catch up with, after an outage of the brokers, would have those dropped as late.
 */
import type { Kafka } from 'kafkajs';

import { WATERMARK_MS } from '../core/clock/grid-clock.ts';
import { withAdmin } from '../kafka/admin.ts';

/** Others are at the present when a message is this new, ms: half the watermark, as between partitions. */
const PRESENT_MS = WATERMARK_MS / 2;
/** When the topic has not grown for so long there is nothing to wait for, ms. */
const QUIET_MS = 5_000;
/** The longest that the canary waits, ms: meters whose clocks are behind are never at the present. */
const PATIENCE_MS = 60_000;

/** The end of a topic. */
export interface TopicEnd {
  /** Whether a message has a timestamp at or after the instant that was asked about. */
  readonly hasSince: boolean;
  /** Sum of the partitions' next offsets. */
  readonly messages: bigint;
}

export class Others {
  readonly #ask: (sinceMs: number) => Promise<TopicEnd>;
  #sinceMs = Infinity;
  #grownMs = Infinity;
  #messages = -1n;
  #isAtPresent = false;

  constructor(ask: (sinceMs: number) => Promise<TopicEnd>) {
    this.#ask = ask;
  }

  /** Brokers were away: from now on others may be catching up. */
  mayBeBehind(): void {
    this.#isAtPresent = false;
    this.#sinceMs = Infinity;
  }

  /**
   * Whether all that others have to catch up with is in the topic, or there is nothing to wait for. Asked every second.
   *
   * @param nowMs ms since the epoch.
   * @throws Error when brokers don't answer: they may be away still.
   */
  async areAtPresent(nowMs: number): Promise<boolean> {
    if (this.#isAtPresent) {
      return true;
    }
    if (this.#sinceMs === Infinity) {
      this.#sinceMs = nowMs;
      this.#grownMs = nowMs;
    }
    const { hasSince, messages } = await this.#ask(nowMs - PRESENT_MS);
    if (messages !== this.#messages) {
      this.#grownMs = nowMs;
    }
    this.#messages = messages;
    this.#isAtPresent = hasSince || nowMs - this.#grownMs >= QUIET_MS || nowMs - this.#sinceMs >= PATIENCE_MS;
    return this.#isAtPresent;
  }
}

/** Asks brokers for the end of a topic. @throws kafkajs' errors. */
export async function topicEnd(kafka: Kafka, topic: string, sinceMs: number): Promise<TopicEnd> {
  return withAdmin(kafka, async (admin) => {
    const ends = new Map<number, bigint>();
    for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
      ends.set(partition, BigInt(high));
    }
    // Of a partition without such a message kafkajs says the end, which may be further on by now.
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs);
    return {
      hasSince: found.some(({ partition, offset }) => BigInt(offset) < (ends.get(partition) ?? 0n)),
      messages: [...ends.values()].reduce((sum, end) => sum + end, 0n),
    };
  });
}
