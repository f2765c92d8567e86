/** What a failed send means for the batch that was sent. */

/**
 * - `resend`: the broker may have it; sending the same batch with the same sequence settles it.
 * - `delivered`: the broker has it from an earlier attempt.
 * - `newProducerId`: the broker has not appended it, and will not under this producer id.
 * - `split`: too large in one piece; not taken.
 * - `fatal`: no attempt will change the answer.
 */
export type SendOutcome = 'resend' | 'delivered' | 'newProducerId' | 'split' | 'fatal';

/** By error type of the Kafka protocol; all other errors, and those of connections, are retriable. */
const OUTCOMES = new Map<string, SendOutcome>([
  ['DUPLICATE_SEQUENCE_NUMBER', 'delivered'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'newProducerId'],
  ['INVALID_PRODUCER_EPOCH', 'newProducerId'],
  ['UNKNOWN_PRODUCER_ID', 'newProducerId'],
  ['MESSAGE_TOO_LARGE', 'split'],
  ['RECORD_LIST_TOO_LARGE', 'split'],
  ['TOPIC_AUTHORIZATION_FAILED', 'fatal'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'fatal'],
  ['SASL_AUTHENTICATION_FAILED', 'fatal'],
  ['INVALID_TOPIC_EXCEPTION', 'fatal'],
  ['INVALID_TIMESTAMP', 'fatal'],
  ['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'fatal'],
]);

export function outcomeOfSendError(error: unknown): SendOutcome {
  // kafkajs wraps what it gives up on: the protocol's answer is the innermost cause.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const outcome = OUTCOMES.get(protocolErrorType(cause) ?? '');
    if (outcome) {
      return outcome;
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
