/**
 * Kafka's Produce request and its answer, version 7, for one record batch of one partition.
 *
 * @see https://kafka.apache.org/protocol.html#The_Messages_Produce
 */

/** API key and version; 7 is the first that allows zstd, and every broker since Kafka 2.1 knows it. */
export const PRODUCE = { apiKey: 0, apiVersion: 7, apiName: 'Produce' } as const;

/** Acknowledged by all replicas in sync: what an idempotent producer must ask for. */
const ACKS_ALL = -1;

export interface ProduceTarget {
  readonly topic: string;
  readonly partition: number;
  /** How long the leader may wait for its followers, ms. */
  readonly timeoutMs: number;
}

/** All of a request that comes before its record batch, its own length included. */
export function produceHeader(
  target: ProduceTarget,
  clientId: string,
  correlationId: number,
  batchLength: number,
): Buffer {
  const client = Buffer.from(clientId);
  const topic = Buffer.from(target.topic);
  const header = Buffer.allocUnsafe(4 + 2 + 2 + 4 + 2 + client.length + 2 + 2 + 4 + 4 + 2 + topic.length + 4 + 4 + 4);
  let at = header.writeInt32BE(header.length - 4 + batchLength, 0);
  at = header.writeInt16BE(PRODUCE.apiKey, at);
  at = header.writeInt16BE(PRODUCE.apiVersion, at);
  at = header.writeInt32BE(correlationId, at);
  at = header.writeInt16BE(client.length, at);
  at += client.copy(header, at);
  // No transactional id.
  at = header.writeInt16BE(-1, at);
  at = header.writeInt16BE(ACKS_ALL, at);
  at = header.writeInt32BE(target.timeoutMs, at);
  // One topic, one partition.
  at = header.writeInt32BE(1, at);
  at = header.writeInt16BE(topic.length, at);
  at += topic.copy(header, at);
  at = header.writeInt32BE(1, at);
  at = header.writeInt32BE(target.partition, at);
  header.writeInt32BE(batchLength, at);
  return header;
}

export interface ProduceAnswer {
  readonly partition: number;
  /** 0 when the batch is in the partition. */
  readonly errorCode: number;
  /** Offset of the batch's first record; -1 when the broker doesn't say. */
  readonly baseOffset: bigint;
  /** How long the broker asks not to be sent anything, ms. */
  readonly throttleMs: number;
}

/**
 * @param payload the answer after its length and correlation id.
 * @throws RangeError when it is none to a request of one partition.
 */
export function parseProduceAnswer(payload: Buffer): ProduceAnswer {
  const topics = payload.readInt32BE(0);
  let at = 4 + 2 + payload.readInt16BE(4);
  const partitions = payload.readInt32BE(at);
  if (topics !== 1 || partitions !== 1) {
    throw new RangeError(`an answer for ${topics} topics and ${partitions} partitions to a request of one`);
  }
  at += 4;
  const partition = payload.readInt32BE(at);
  const errorCode = payload.readInt16BE(at + 4);
  const baseOffset = payload.readBigInt64BE(at + 6);
  // Then the log's append time and start offset, 8 bytes each.
  const throttleMs = payload.readInt32BE(at + 30);
  return { partition, errorCode, baseOffset, throttleMs };
}
