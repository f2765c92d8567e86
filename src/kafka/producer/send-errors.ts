/** What a failed send means for the batch that was sent. */

/**
 * - `resend`: nobody knows whether the broker has it; the same batch under the same sequence settles it.
 * - `delivered`: the broker has it from an earlier attempt.
 * - `renew`: the broker will not take it under this producer id, and has not taken it.
 * - `split`: too large in one piece; not taken.
 * - `fatal`: no attempt will change the answer.
 */
export type Verdict = 'resend' | 'delivered' | 'renew' | 'split' | 'fatal';

/** By error type of the Kafka protocol; everything else is worth another attempt, as are all connection troubles. */
const VERDICTS = new Map<string, Verdict>([
  ['DUPLICATE_SEQUENCE_NUMBER', 'delivered'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'renew'],
  ['INVALID_PRODUCER_EPOCH', 'renew'],
  ['UNKNOWN_PRODUCER_ID', 'renew'],
  ['MESSAGE_TOO_LARGE', 'split'],
  ['RECORD_LIST_TOO_LARGE', 'split'],
  ['TOPIC_AUTHORIZATION_FAILED', 'fatal'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'fatal'],
  ['SASL_AUTHENTICATION_FAILED', 'fatal'],
  ['INVALID_TOPIC_EXCEPTION', 'fatal'],
  ['INVALID_TIMESTAMP', 'fatal'],
  ['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'fatal'],
]);

export function judgeSendError(error: unknown): Verdict {
  // kafkajs wraps what it gives up on: the protocol's answer is the innermost cause.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const verdict = VERDICTS.get(protocolErrorType(cause) ?? '');
    if (verdict) {
      return verdict;
    }
  }
  return 'resend';
}

/** An error in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The Kafka protocol's name of an error; undefined when it is none. */
export function protocolErrorType(error: unknown): string | undefined {
  // kafkajs' error classes are no named exports of its CommonJS module.
  return error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : undefined;
}
