/** The way to the leaders of a topic's partitions: who they are now, and a connection to each that is fit for use. */
import type { Kafka } from 'kafkajs';

import {
  type Cluster,
  clusterOf,
  type Connection,
  connectionOf,
  forgetHalfAnswer,
  socketOf,
} from './kafkajs-internals.ts';
import {
  parseProduceAnswer,
  PRODUCE,
  type ProduceAnswer,
  produceHeader,
  type ProduceTarget,
} from './produce-protocol.ts';
import type { ProducerIdAndEpoch } from './record-batch.ts';

/** A way to a broker. What is sent over it arrives in order, and is answered in order. */
export interface ProduceLink {
  /** Whether a request may go out right now; once it is false, ask for the leader's link again. */
  readonly usable: boolean;
  /**
   * Sends one record batch.
   *
   * @param batch must not be written to until the answer is there; after an error, never again.
   * @throws Error when no answer comes: the connection broke, or its time-out passed.
   */
  produce(target: ProduceTarget, batch: Uint8Array, requestTimeoutMs: number): Promise<ProduceAnswer>;
  /** Gives the connection up, and all that waits for answers on it: the broker no longer talks. */
  drop(reason: Error): Promise<void>;
}

/** The leaders of a topic's partitions. All that fails may be tried again. */
export interface PartitionLeaders {
  /** A new producer id (InitProducerId). @throws Error when no broker gives one. */
  initProducerId(): Promise<ProducerIdAndEpoch>;
  /** @throws Error when there is no leader or it can't be reached: {@link refresh} and try again. */
  toLeaderOf(partition: number): Promise<ProduceLink>;
  /** Asks which brokers are the leaders now. @throws Error when no broker answers. */
  refresh(): Promise<void>;
}

/** A link over kafkajs' connection. */
class KafkaJsLink implements ProduceLink {
  readonly #connection: Connection;
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get usable(): boolean {
    const connection = this.#connection;
    return connection.isConnected() && (!connection.sasl || connection.isAuthenticated());
  }

  async produce(target: ProduceTarget, batch: Uint8Array, requestTimeoutMs: number): Promise<ProduceAnswer> {
    const connection = this.#connection;
    const correlationId = connection.nextCorrelationId();
    this.#inFlight += 1;
    try {
      const payload = await new Promise<Buffer>((resolve, reject) => {
        connection.requestQueue.push({
          entry: { ...PRODUCE, correlationId, resolve: ({ payload }) => resolve(payload), reject },
          expectResponse: true,
          requestTimeout: requestTimeoutMs,
          sendRequest: () => {
            const socket = socketOf(connection);
            socket.cork();
            socket.write(produceHeader(target, connection.clientId, correlationId, batch.length));
            socket.write(batch);
            socket.uncork();
          },
        });
      });
      const answer = parseProduceAnswer(payload);
      // Since version 6 of Produce a broker answers at once and leaves it to the client to hold back (KIP-219).
      if (answer.throttleMs > 0) {
        connection.requestQueue.maybeThrottle(answer.throttleMs);
      }
      return answer;
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) {
        for (const resolve of this.#idle.splice(0)) {
          resolve();
        }
      }
    }
  }

  /** Resolves when no request waits for its answer. */
  idle(): Promise<void> {
    return this.#inFlight === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  async drop(reason: Error): Promise<void> {
    const connection = this.#connection;
    if (!connection.isConnected()) {
      return;
    }
    connection.rejectRequests(reason);
    // Not just ended: a socket that lingers would take the next connection with it when the broker closes it at last.
    socketOf(connection).destroy();
    await connection.disconnect();
  }
}

/** The leaders over kafkajs' connections; one is shared by all partitions that its broker leads. */
export class BrokerConnections implements PartitionLeaders {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #connections = new Map<Connection, KafkaJsLink>();
  #refreshing: Promise<void> | undefined;

  /** @throws KafkaJsMovedError when kafkajs is another than this was written for. */
  constructor(kafka: Kafka, topic: string) {
    this.#cluster = clusterOf(kafka);
    this.#topic = topic;
  }

  /** @returns how many partitions the topic has. @throws kafkajs' errors: try again. */
  async open(): Promise<number> {
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.#topic);
    return this.#cluster.findTopicPartitionMetadata(this.#topic).length;
  }

  async initProducerId(): Promise<ProducerIdAndEpoch> {
    this.#readyToReconnect();
    const broker = await this.#cluster.findControllerBroker();
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: 60_000 });
    return { id: BigInt(producerId), epoch: producerEpoch };
  }

  /** Connected and authenticated. */
  async toLeaderOf(partition: number): Promise<ProduceLink> {
    const metadata = this.#cluster.findTopicPartitionMetadata(this.#topic);
    const leader = metadata.find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
    if (leader < 0) {
      throw new Error(`partition ${partition} of topic ${this.#topic} has no leader`);
    }
    const known = [...this.#connections.values()];
    // kafkajs takes the next answer for one about authentication, so nothing else may be under way when that is renewed.
    for (const connection of known) {
      if (!connection.usable) {
        await connection.idle();
      }
    }
    this.#readyToReconnect();
    const connection = connectionOf(await this.#cluster.findBroker({ nodeId: leader }));
    return this.#of(connection);
  }

  /** Callers that ask at the same time share an answer. */
  refresh(): Promise<void> {
    this.#readyToReconnect();
    this.#refreshing ??= this.#cluster.refreshMetadata().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async close(): Promise<void> {
    const reason = new Error('the connection was closed');
    await Promise.allSettled([...this.#connections.values()].map((connection) => connection.drop(reason)));
    await this.#cluster.disconnect();
  }

  /** kafkajs connects again whatever is broken as soon as it is asked for anything. */
  #readyToReconnect(): void {
    for (const connection of this.#connections.keys()) {
      if (!connection.isConnected()) {
        forgetHalfAnswer(connection);
      }
    }
  }

  #of(connection: Connection): KafkaJsLink {
    let known = this.#connections.get(connection);
    if (!known) {
      known = new KafkaJsLink(connection);
      this.#connections.set(connection, known);
    }
    return known;
  }
}
