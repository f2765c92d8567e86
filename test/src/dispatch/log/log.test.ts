import { describe, expect, test } from '@jest/globals';

import { canonicalJson } from '../../../../src/core/canonical.ts';
import { shedevent } from '../../../../src/core/messages/messages.ts';
import { ChainVerifier } from '../../../../src/dispatch/audit/chain.ts';
import { type BookInput, EventBook } from '../../../../src/dispatch/book/book.ts';
import { dispatchPolicyOf } from '../../../../src/dispatch/event/dispatch-policy.ts';
import { EventLogError } from '../../../../src/dispatch/log/event-log.ts';
import { batchesOf } from '../../../../src/dispatch/log/kafka-log.ts';
import { MemoryLog, MemoryTopics } from '../../../../src/dispatch/log/memory-log.ts';
import { RecordReader } from '../../../../src/dispatch/log/records.ts';
import { acknowledged, NOW, planOf, proposal, START, steps } from './story.ts';

const policy = dispatchPolicyOf();

/** A book whose steps are kept. */
async function keep(log: MemoryLog, book: EventBook, nowMs: number, ...inputs: BookInput[]): Promise<void> {
  const step = book.decide(inputs, nowMs);
  await log.append(step);
  book.accept(step);
}

describe('a log', () => {
  test('gives back the book as it was, after every step', async () => {
    const topics = new MemoryTopics();
    const log = new MemoryLog(topics);
    const book = new EventBook(policy, await log.open());
    for (const { nowMs, inputs } of steps()) {
      await keep(log, book, nowMs, ...inputs);
      const reader = new RecordReader();
      topics.state.forEach((record) => reader.add(record));
      const restored = new EventBook(policy, reader.book());
      expect(canonicalJson(restored.events())).toBe(canonicalJson(book.events()));
      expect(restored.nextMs).toBe(book.nextMs);
    }
    expect(book.events().length).toBeGreaterThan(1);
  });

  test('gives back the last stop, and continues one chain over restarts', async () => {
    const topics = new MemoryTopics();
    let stop;
    for (let run = 0; run < 3; run += 1) {
      const log = new MemoryLog(topics);
      const stored = await log.open();
      expect(stored.stop).toEqual(stop);
      const book = new EventBook(policy, stored);
      const step = book.decide([{ kind: 'stop-all', by: 'ann', reason: 'test', releaseJitterMs: 0 }], NOW + run);
      await log.append(step);
      stop = step.stop;
    }
    const verifier = new ChainVerifier();
    topics.audit.forEach((record) => verifier.add(record));
    expect(verifier.records).toBe(3);
    const reader = new RecordReader();
    topics.state.forEach((record) => reader.add(record));
    expect(reader.head().audit).toEqual(verifier.head);
  });

  test('lets only the newest dispatcher write', async () => {
    const topics = new MemoryTopics();
    const old = new MemoryLog(topics);
    const book = new EventBook(policy, await old.open());
    await new MemoryLog(topics).open();
    await expect(keep(old, book, NOW, proposal('e1'))).rejects.toThrow(EventLogError);
    expect([topics.state, topics.audit]).toEqual([[], []]);
  });
});

describe('the records of a step', () => {
  test('are those of the houses that have changed, the event and the head', async () => {
    const topics = new MemoryTopics();
    const log = new MemoryLog(topics);
    const book = new EventBook(policy, await log.open());
    await keep(log, book, NOW, proposal('e1'), planOf('e1', ['1_0_1', '1_0_2', '1_0_3']));
    expect(topics.state.map(({ key }) => key)).toEqual(['e1', 'e1/1_0_1', 'e1/1_0_2', 'e1/1_0_3', '_book']);
    await keep(log, book, NOW, { kind: 'tell', event: 'e1', input: { kind: 'start', by: 'ann' } });
    topics.state.length = 0;
    await keep(log, book, NOW + 10, acknowledged(book, 'e1', '1_0_2'));
    expect(topics.state.map(({ key }) => key)).toEqual(['e1', 'e1/1_0_2', '_book']);
    const [first] = topics.state;
    const { state, ...columns } = shedevent.decode(first?.value ?? Buffer.alloc(0));
    expect(columns).toEqual({
      event_id: 'e1',
      house_id: '',
      timestamp: NOW + 10,
      revision: book.event('e1')?.revision,
      phase: 'notified',
    });
    expect(JSON.parse(state)).not.toHaveProperty('houses');
  });

  test('delete houses that a new plan does not call', async () => {
    const topics = new MemoryTopics();
    const log = new MemoryLog(topics);
    const book = new EventBook(policy, await log.open());
    await keep(log, book, NOW, proposal('e1'), planOf('e1', ['1_0_1', '1_0_2']));
    await keep(log, book, NOW, planOf('e1', ['1_0_2']));
    expect(topics.state.filter(({ value }) => value === null).map(({ key }) => key)).toEqual(['e1/1_0_1']);
    const restored = new EventBook(policy, await new MemoryLog(topics).open());
    expect(Object.keys(restored.event('e1')?.houses ?? {})).toEqual(['1_0_2']);
  });
});

describe('records that can not be read', () => {
  const event = { event_id: 'e1', house_id: '', timestamp: START, revision: 0, phase: 'active' };

  test.each([
    ['bytes', Buffer.from('no record')],
    ['text', shedevent.encode({ ...event, state: 'no JSON' })],
    ['shape', shedevent.encode({ ...event, state: '{"id":"e1"}' })],
  ])('(%s) are refused with their key: an event is never forgotten', (_, value) => {
    const reader = new RecordReader();
    reader.add({ key: 'e1', value });
    expect(() => reader.book()).toThrow(EventLogError);
    expect(() => reader.book()).toThrow('topic shedevent, key e1: ');
  });
});

describe('batches', () => {
  test('keep the order, and stay within 500 messages and half a megabyte', () => {
    const messages = Array.from({ length: 1_201 }, (_, index) => ({ key: String(index), value: Buffer.alloc(10) }));
    const batches = batchesOf(messages);
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 201]);
    expect(batches.flat().map(({ key }) => key)).toEqual(messages.map(({ key }) => key));
    expect(batches.flat().every(({ partition }) => partition === 0)).toBe(true);
    const large = [300_000, 300_000, 900_000, 10].map((size) => ({ value: Buffer.alloc(size) }));
    expect(batchesOf(large).map((batch) => batch.map(({ value }) => value?.length))).toEqual([
      [300_000],
      [300_000],
      [900_000],
      [10],
    ]);
    expect(batchesOf([])).toEqual([]);
  });
});
