/** Readings of one producer. */
export interface Sent {
  sent: number;
  acknowledged: number;
}

/**
 * What one producer has said of its readings, over all its starts.
 *
 * A process that is killed can't say what it sent last, nor what of that was confirmed: only Kafka knows. Its
 * readings in the topic then count as sent and acknowledged, and at least those that it had said to be. That none of
 * them is in the topic twice is counted elsewhere (engines/audit).
 */
export class ProducerCounts {
  /** Of processes that ended in order, with everything acknowledged. */
  readonly #settled: Sent = { sent: 0, acknowledged: 0 };
  /** Of the others, by their last words. */
  readonly #inDoubt: Sent = { sent: 0, acknowledged: 0 };
  #hasDoubt = false;
  #now: Sent = { sent: 0, acknowledged: 0 };
  #isFinal = true;

  /** A new process has begun. */
  started(): void {
    this.#close();
    this.#isFinal = false;
  }

  /** @param isFinal whether these are its last words, said at its end. */
  said({ sent, acknowledged }: Sent, isFinal: boolean): void {
    this.#now = { sent, acknowledged };
    this.#isFinal = isFinal;
  }

  /** All that was ever said. */
  get lastWords(): Sent {
    const all = [this.#settled, this.#inDoubt, this.#now];
    return {
      sent: all.reduce((sum, { sent }) => sum + sent, 0),
      acknowledged: all.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    };
  }

  /**
   * The counts once every process has ended.
   *
   * @param inTopic readings of this producer that the topic holds.
   */
  against(inTopic: number): Sent {
    this.#close();
    const { sent, acknowledged } = this.#settled;
    if (!this.#hasDoubt) {
      return { sent, acknowledged };
    }
    const found = Math.max(this.#inDoubt.acknowledged, inTopic - acknowledged);
    return { sent: sent + found, acknowledged: acknowledged + found };
  }

  #close(): void {
    const { sent, acknowledged } = this.#now;
    const isSettled = this.#isFinal && sent === acknowledged;
    const into = isSettled ? this.#settled : this.#inDoubt;
    into.sent += sent;
    into.acknowledged += acknowledged;
    this.#hasDoubt ||= !isSettled;
    this.#now = { sent: 0, acknowledged: 0 };
    this.#isFinal = true;
  }
}
