import { describe, expect, test } from '@jest/globals';
import { Kafka } from 'kafkajs';

import {
  type Broker,
  checkKafkaJs,
  clusterOf,
  connectionOf,
  MEMBERS,
} from '../../../../src/kafka/producer/kafkajs-internals.ts';

describe("kafkajs' internals", () => {
  test('are all where they were in 2.2.4', async () => {
    // An upgrade that moves one fails here with its name.
    await expect(checkKafkaJs()).resolves.toBeUndefined();
  });

  test.each(Object.keys(MEMBERS.Connection))('a connection without %s is refused by name', (member) => {
    const connection: Record<string, unknown> = { requestQueue: { push: noop, maybeThrottle: noop }, sasl: null };
    for (const [name, kind] of Object.entries(MEMBERS.Connection)) {
      connection[name] ??= sampleOf(kind);
    }
    const brokerWith = (found: unknown): Broker => {
      const broker: unknown = { connectionPool: { pool: [found] }, initProducerId: noop };
      return broker as Broker;
    };
    expect(connectionOf(brokerWith(connection))).toBe(connection);
    Reflect.deleteProperty(connection, member);
    expect(() => connectionOf(brokerWith(connection))).toThrow(`kafkajs 2.2.4 has no Connection.${member}`);
  });

  test('a client that makes its cluster another way is refused by name', () => {
    const kafka = new Kafka({ brokers: ['localhost:1'] });
    for (const symbol of Object.getOwnPropertySymbols(kafka)) {
      Reflect.deleteProperty(kafka, symbol);
    }
    expect(() => clusterOf(kafka)).toThrow('kafkajs 2.2.4 has no Kafka[private:Kafka:createCluster]');
  });
});

function sampleOf(kind: string): unknown {
  if (kind === 'string') {
    return '';
  }
  if (kind === 'number') {
    return 0;
  }
  return kind === 'object' ? [] : noop;
}

function noop(): void {
  // Only its being there matters.
}
