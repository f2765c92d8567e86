import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Kafka } from 'kafkajs';

import { canonicalJson } from '../../../../src/core/canonical.ts';
import { SHED_TOPIC_SETTINGS, SHED_TOPICS } from '../../../../src/core/messages/topics.ts';
import { TrailCheck } from '../../../../src/dispatch/audit-check/verify.ts';
import { EventBook } from '../../../../src/dispatch/book/book.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import { EventLogError } from '../../../../src/dispatch/log/event-log.ts';
import { KafkaLog, readShedEvents, readTopic } from '../../../../src/dispatch/log/kafka-log.ts';
import { withAdmin } from '../../../../src/kafka/admin.ts';
import { kafkaClient } from '../../../../src/kafka/client.ts';
import { startKafka, type TestKafka } from '../../../support/kafka.ts';
import { NOW, planOf, proposal, startOf, steps } from './story.ts';

const policy = dispatchPolicyOf();
const OPTIONS = { transactionalId: 'test-dispatch', groupId: 'test-dispatch' };

let broker: TestKafka;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startKafka();
  kafka = kafkaClient({ brokers: [broker.brokers], auth: 'none', clientId: 'test' }, () => undefined, { retries: 15 });
}, 360_000);

afterAll(async () => {
  await broker.stop();
}, 60_000);

/** Both topics, new and empty. */
async function freshTopics(): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const there = await admin.listTopics();
    const old = Object.values(SHED_TOPICS).filter((topic) => there.includes(topic));
    if (old.length > 0) {
      await admin.deleteTopics({ topics: old });
    }
    await admin.createTopics({
      waitForLeaders: true,
      topics: Object.values(SHED_TOPICS).map((topic) => ({
        topic,
        numPartitions: 1,
        replicationFactor: 1,
        configEntries: Object.entries(SHED_TOPIC_SETTINGS[topic]).map(([name, value]) => ({ name, value })),
      })),
    });
  });
}

async function verdict() {
  const check = new TrailCheck([(await readShedEvents(kafka, 'test-audit')).head().audit]);
  await readTopic(kafka, SHED_TOPICS.shedaudit, 'test-audit', ({ value }) => check.add(value ?? Buffer.alloc(0)));
  return check.verdict();
}

describe('the log in Kafka', () => {
  test('gives back the book after every step, to a dispatcher that takes over without a word', async () => {
    await freshTopics();
    let book = new EventBook(policy);
    let notes = 0;
    for (const { nowMs, inputs } of steps()) {
      // The one before is neither closed nor told.
      const log = new KafkaLog(kafka, OPTIONS);
      const stored = await log.open();
      expect(canonicalJson(new EventBook(policy, stored).events())).toBe(canonicalJson(book.events()));
      book = new EventBook(policy, stored);
      const step = book.decide(inputs, nowMs);
      await log.append(step);
      book.accept(step);
      notes += step.notes.length;
    }
    expect(notes).toBeGreaterThan(10);
    expect(await verdict()).toMatchObject({ isWhole: true, records: notes });
  }, 180_000);

  test('fences off the dispatcher before, and keeps nothing of what that one had under way', async () => {
    await freshTopics();
    const old = new KafkaLog(kafka, OPTIONS);
    const book = new EventBook(policy, await old.open());
    const first = book.decide([proposal('e1')], NOW);
    await old.append(first);
    book.accept(first);
    const successor = new KafkaLog(kafka, OPTIONS);
    const stored = await successor.open();
    expect(stored.events.map(({ id }) => id)).toEqual(['e1']);
    await expect(old.append(book.decide([proposal('e2')], NOW))).rejects.toThrow(EventLogError);
    // It stays so: what failed once is not tried on the quiet.
    await expect(old.append(book.decide([proposal('e2')], NOW))).rejects.toThrow('the log is not open');
    const again = new EventBook(policy, stored);
    await successor.append(again.decide([planOf('e1', ['1_0_1']), startOf('e1')], NOW));
    await successor.close();
    expect((await new KafkaLog(kafka, OPTIONS).open()).events.map(({ id, phase }) => [id, phase])).toEqual([
      ['e1', 'notified'],
    ]);
    expect(await verdict()).toMatchObject({ isWhole: true });
  }, 180_000);

  test('keeps a step of 2,000 houses as a whole', async () => {
    await freshTopics();
    const log = new KafkaLog(kafka, OPTIONS);
    const book = new EventBook(policy, await log.open());
    const houses = Array.from({ length: 2_000 }, (_, index) => `1_0_${index}`);
    const step = book.decide([proposal('e1'), planOf('e1', houses), startOf('e1')], NOW);
    await log.append(step);
    book.accept(step);
    await log.close();
    const [event] = (await new KafkaLog(kafka, OPTIONS).open()).events;
    expect(canonicalJson(event)).toBe(canonicalJson(book.event('e1')));
    expect(await verdict()).toMatchObject({ isWhole: true, records: step.notes.length });
  }, 180_000);
});
