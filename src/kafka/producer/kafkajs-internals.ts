/**
 * The one file that touches kafkajs' internals: its connections, with all that they do - TLS, SASL and renewing it,
 * limits, time-outs, throttling - carry requests that were encoded elsewhere.
 *
 * kafkajs' public producer takes a JavaScript object per message and copies a request four times, which costs more than
 * ten times what the broker spends on it. Nothing below is promised by kafkajs; what is used was read in the sources of
 * 2.2.4, is listed in {@link MEMBERS}, and is checked before it is used.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

import { Kafka, type PartitionMetadata } from 'kafkajs';

/** src/network/connection.js */
export interface Connection {
  readonly socket: Pick<Socket, 'cork' | 'uncork' | 'write' | 'destroy'>;
  readonly clientId: string;
  /** Null without authentication. */
  readonly sasl: unknown;
  readonly requestQueue: RequestQueue;
  /** What came of answers that are not whole yet. */
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  isConnected(): boolean;
  isAuthenticated(): boolean;
  nextCorrelationId(): number;
  rejectRequests(error: Error): void;
  disconnect(): Promise<boolean>;
}

/** src/network/requestQueue/index.js */
interface RequestQueue {
  push(request: QueuedRequest): void;
  /** Holds requests back for so many ms. */
  maybeThrottle(ms: number): void;
}

export interface QueuedRequest {
  readonly entry: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly correlationId: number;
    /** `payload`: the answer after its correlation id. */
    readonly resolve: (answer: { readonly payload: Buffer }) => void;
    readonly reject: (error: Error) => void;
  };
  readonly expectResponse: true;
  /** ms; the client's own time-out when that is longer. */
  readonly requestTimeout: number;
  /** Writes to the socket, at once or after a throttling. */
  readonly sendRequest: () => void;
}

/** src/broker/index.js */
export interface Broker {
  readonly connectionPool: { readonly pool: readonly Connection[] };
  initProducerId(options: { transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>;
}

/** src/cluster/index.js */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): PartitionMetadata[];
  /** Connected and authenticated. */
  findBroker(options: { nodeId: number }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
}

/** src/cluster/brokerPool.js, for the check alone. */
interface BrokerPool {
  createSeedBroker(): Promise<void>;
  readonly seedBroker: Broker;
}

interface Internals {
  readonly Cluster: Cluster;
  readonly Broker: Broker;
  readonly Connection: Connection;
  readonly RequestQueue: RequestQueue;
  readonly Socket: Connection['socket'];
}

type Kind = 'function' | 'object' | 'string' | 'number' | 'any';

/** All that is used, by the class that has it. A socket is there only once it is connected. */
export const MEMBERS = {
  Cluster: {
    connect: 'function',
    disconnect: 'function',
    addTargetTopic: 'function',
    refreshMetadata: 'function',
    findTopicPartitionMetadata: 'function',
    findBroker: 'function',
    findControllerBroker: 'function',
  },
  Broker: { connectionPool: 'object', initProducerId: 'function' },
  Connection: {
    clientId: 'string',
    sasl: 'any',
    requestQueue: 'object',
    chunks: 'object',
    bytesBuffered: 'number',
    bytesNeeded: 'number',
    isConnected: 'function',
    isAuthenticated: 'function',
    nextCorrelationId: 'function',
    rejectRequests: 'function',
    disconnect: 'function',
  },
  RequestQueue: { push: 'function', maybeThrottle: 'function' },
  Socket: { cork: 'function', uncork: 'function', write: 'function', destroy: 'function' },
} as const satisfies Record<keyof Internals, Record<string, Kind>>;

/** kafkajs is not the one that this was written for: the message names what is not where it was. */
export class KafkaJsMovedError extends Error {
  override readonly name = 'KafkaJsMovedError';

  constructor(what: string) {
    super(`kafkajs ${version()} has no ${what}: src/kafka/producer/kafkajs-internals.ts was written for 2.2.4`);
  }
}

/** A connection to the cluster that creates no topics. @throws KafkaJsMovedError */
export function clusterOf(kafka: Kafka): Cluster {
  const description = 'private:Kafka:createCluster';
  const symbol = Object.getOwnPropertySymbols(kafka).find((candidate) => candidate.description === description);
  const create: unknown = symbol && Reflect.get(kafka, symbol);
  if (typeof create !== 'function') {
    throw new KafkaJsMovedError(`Kafka[${description}]`);
  }
  const cluster: unknown = Reflect.apply(create, kafka, [{ metadataMaxAge: 300_000, allowAutoTopicCreation: false }]);
  return checked('Cluster', cluster);
}

/** The connection that a broker takes requests on, all but Fetch. @throws KafkaJsMovedError */
export function connectionOf(broker: Broker): Connection {
  const [connection] = checked('Broker', broker).connectionPool.pool;
  checked('RequestQueue', checked('Connection', connection).requestQueue);
  return checked('Connection', connection);
}

/** A connected one's socket. @throws KafkaJsMovedError */
export function socketOf(connection: Connection): Connection['socket'] {
  return checked('Socket', connection.socket);
}

/**
 * Forgets half an answer. kafkajs keeps it when a connection breaks, and would put what comes over the next one behind
 * it: it would never understand that connection again.
 */
export function forgetHalfAnswer(connection: Connection): void {
  connection.chunks = [];
  connection.bytesBuffered = 0;
  // The length of an answer, which comes first.
  connection.bytesNeeded = 4;
}

/** Looks for everything that is used, without any broker. @throws KafkaJsMovedError */
export async function checkKafkaJs(): Promise<void> {
  const cluster = clusterOf(new Kafka({ brokers: ['localhost:1'] }));
  const pool: unknown = Reflect.get(cluster, 'brokerPool');
  if (!hasSeedBroker(pool)) {
    throw new KafkaJsMovedError('Cluster.brokerPool.createSeedBroker');
  }
  await pool.createSeedBroker();
  connectionOf(checked('Broker', pool.seedBroker));
}

function hasSeedBroker(pool: unknown): pool is BrokerPool {
  return typeof pool === 'object' && pool !== null && 'createSeedBroker' in pool;
}

/** The value as the type that its members make it. */
function checked<Name extends keyof Internals>(name: Name, value: unknown): Internals[Name] {
  if (typeof value !== 'object' || value === null) {
    throw new KafkaJsMovedError(name);
  }
  for (const [member, kind] of Object.entries<Kind>(MEMBERS[name])) {
    const found: unknown = Reflect.get(value, member);
    if (kind === 'any' ? !(member in value) : typeof found !== kind) {
      throw new KafkaJsMovedError(`${name}.${member}`);
    }
  }
  return value as Internals[Name];
}

function version(): string {
  const { version: found } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
  return found;
}
