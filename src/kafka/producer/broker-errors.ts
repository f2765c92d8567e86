/** What a broker's answer, or none, means for the batch that was sent. */

/**
 * - `delivered`: it is in the partition.
 * - `refused`: it is not, and may be sent again as it is once leader and replicas have settled.
 * - `unknown`: nobody can tell; sending the very same batch again settles it.
 * - `gap`: it is not, since it does not follow what the broker has of this producer.
 * - `forgotten`: it is not, since the broker has nothing of this producer.
 * - `fenced`: it is not, since the broker knows the producer under a later epoch.
 * - `too-large`: it is not; smaller ones may.
 * - `fatal`: no attempt will change the answer.
 */
export type Verdict = 'delivered' | 'refused' | 'unknown' | 'gap' | 'forgotten' | 'fenced' | 'too-large' | 'fatal';

/** By the protocol's error code. @see https://kafka.apache.org/protocol.html#protocol_error_codes */
const ERRORS = new Map<number, { readonly name: string; readonly verdict: Verdict }>([
  [0, { name: 'NONE', verdict: 'delivered' }],
  [2, { name: 'CORRUPT_MESSAGE', verdict: 'refused' }],
  [3, { name: 'UNKNOWN_TOPIC_OR_PARTITION', verdict: 'refused' }],
  [5, { name: 'LEADER_NOT_AVAILABLE', verdict: 'refused' }],
  [6, { name: 'NOT_LEADER_OR_FOLLOWER', verdict: 'refused' }],
  // The leader has it and doesn't know whether enough followers have.
  [7, { name: 'REQUEST_TIMED_OUT', verdict: 'unknown' }],
  [10, { name: 'MESSAGE_TOO_LARGE', verdict: 'too-large' }],
  [13, { name: 'NETWORK_EXCEPTION', verdict: 'unknown' }],
  [17, { name: 'INVALID_TOPIC_EXCEPTION', verdict: 'fatal' }],
  [18, { name: 'RECORD_LIST_TOO_LARGE', verdict: 'too-large' }],
  [19, { name: 'NOT_ENOUGH_REPLICAS', verdict: 'refused' }],
  [20, { name: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', verdict: 'unknown' }],
  [21, { name: 'INVALID_REQUIRED_ACKS', verdict: 'fatal' }],
  [29, { name: 'TOPIC_AUTHORIZATION_FAILED', verdict: 'fatal' }],
  [31, { name: 'CLUSTER_AUTHORIZATION_FAILED', verdict: 'fatal' }],
  [32, { name: 'INVALID_TIMESTAMP', verdict: 'fatal' }],
  [35, { name: 'UNSUPPORTED_VERSION', verdict: 'fatal' }],
  [43, { name: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', verdict: 'fatal' }],
  [44, { name: 'POLICY_VIOLATION', verdict: 'fatal' }],
  [45, { name: 'OUT_OF_ORDER_SEQUENCE_NUMBER', verdict: 'gap' }],
  [46, { name: 'DUPLICATE_SEQUENCE_NUMBER', verdict: 'delivered' }],
  [47, { name: 'INVALID_PRODUCER_EPOCH', verdict: 'fenced' }],
  [56, { name: 'KAFKA_STORAGE_ERROR', verdict: 'refused' }],
  [59, { name: 'UNKNOWN_PRODUCER_ID', verdict: 'forgotten' }],
  [74, { name: 'FENCED_LEADER_EPOCH', verdict: 'refused' }],
  [76, { name: 'UNSUPPORTED_COMPRESSION_TYPE', verdict: 'fatal' }],
  [87, { name: 'INVALID_RECORD', verdict: 'fatal' }],
  [89, { name: 'THROTTLING_QUOTA_EXCEEDED', verdict: 'refused' }],
  [90, { name: 'PRODUCER_FENCED', verdict: 'fenced' }],
]);

/** What an error code means for the batch; one that is not listed leaves it open. */
export function verdictOf(errorCode: number): Verdict {
  return ERRORS.get(errorCode)?.verdict ?? 'unknown';
}

/** The protocol's name of an error code. */
export function errorName(errorCode: number): string {
  return ERRORS.get(errorCode)?.name ?? `error ${errorCode}`;
}
