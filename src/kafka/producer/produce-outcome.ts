/** What a broker's answer to a produce request means for the batch that was sent. */

/**
 * - `delivered`: it is in the partition.
 * - `retriable`: it is not, and the same batch may be sent again once leader and replicas have settled.
 * - `unknown`: it may be; sending the very same batch again settles it.
 * - `outOfOrder`: it is not, because its sequence does not follow the last batch of this producer (OUT_OF_ORDER_SEQUENCE).
 * - `unknownProducer`: it is not, because the broker has no state of this producer (UNKNOWN_PRODUCER_ID).
 * - `fenced`: it is not, because the broker knows a later epoch of this producer id.
 * - `tooLarge`: it is not; smaller ones may be accepted.
 * - `fatal`: no attempt will change the answer.
 */
export type ProduceOutcome =
  'delivered' | 'retriable' | 'unknown' | 'outOfOrder' | 'unknownProducer' | 'fenced' | 'tooLarge' | 'fatal';

/** By the protocol's error code. @see https://kafka.apache.org/protocol.html#protocol_error_codes */
const ERRORS = new Map<number, { readonly name: string; readonly outcome: ProduceOutcome }>([
  [0, { name: 'NONE', outcome: 'delivered' }],
  [2, { name: 'CORRUPT_MESSAGE', outcome: 'retriable' }],
  [3, { name: 'UNKNOWN_TOPIC_OR_PARTITION', outcome: 'retriable' }],
  [5, { name: 'LEADER_NOT_AVAILABLE', outcome: 'retriable' }],
  [6, { name: 'NOT_LEADER_OR_FOLLOWER', outcome: 'retriable' }],
  // The leader has it and does not know whether enough followers have.
  [7, { name: 'REQUEST_TIMED_OUT', outcome: 'unknown' }],
  [10, { name: 'MESSAGE_TOO_LARGE', outcome: 'tooLarge' }],
  [13, { name: 'NETWORK_EXCEPTION', outcome: 'unknown' }],
  [17, { name: 'INVALID_TOPIC_EXCEPTION', outcome: 'fatal' }],
  [18, { name: 'RECORD_LIST_TOO_LARGE', outcome: 'tooLarge' }],
  [19, { name: 'NOT_ENOUGH_REPLICAS', outcome: 'retriable' }],
  [20, { name: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', outcome: 'unknown' }],
  [21, { name: 'INVALID_REQUIRED_ACKS', outcome: 'fatal' }],
  [29, { name: 'TOPIC_AUTHORIZATION_FAILED', outcome: 'fatal' }],
  [31, { name: 'CLUSTER_AUTHORIZATION_FAILED', outcome: 'fatal' }],
  [32, { name: 'INVALID_TIMESTAMP', outcome: 'fatal' }],
  [35, { name: 'UNSUPPORTED_VERSION', outcome: 'fatal' }],
  [43, { name: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', outcome: 'fatal' }],
  [44, { name: 'POLICY_VIOLATION', outcome: 'fatal' }],
  [45, { name: 'OUT_OF_ORDER_SEQUENCE_NUMBER', outcome: 'outOfOrder' }],
  [46, { name: 'DUPLICATE_SEQUENCE_NUMBER', outcome: 'delivered' }],
  [47, { name: 'INVALID_PRODUCER_EPOCH', outcome: 'fenced' }],
  [56, { name: 'KAFKA_STORAGE_ERROR', outcome: 'retriable' }],
  [59, { name: 'UNKNOWN_PRODUCER_ID', outcome: 'unknownProducer' }],
  [74, { name: 'FENCED_LEADER_EPOCH', outcome: 'retriable' }],
  [76, { name: 'UNSUPPORTED_COMPRESSION_TYPE', outcome: 'fatal' }],
  [87, { name: 'INVALID_RECORD', outcome: 'fatal' }],
  [89, { name: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'retriable' }],
  [90, { name: 'PRODUCER_FENCED', outcome: 'fenced' }],
]);

/** What an error code means for the batch; after a code that is not listed, the batch may be in the partition or not. */
export function outcomeOf(errorCode: number): ProduceOutcome {
  return ERRORS.get(errorCode)?.outcome ?? 'unknown';
}

/** The protocol's name of an error code. */
export function errorName(errorCode: number): string {
  return ERRORS.get(errorCode)?.name ?? `error ${errorCode}`;
}
