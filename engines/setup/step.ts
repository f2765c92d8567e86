/** One part of the set-up: something that is either whole in the cache, or made now. */
export interface SetupStep {
  /** Short title for the progress display, e.g. `Kafka`. */
  readonly title: string;
  /** What it downloads on a cold cache, bytes, measured when its lock was made: the progress bar's length. */
  readonly downloadBytes: number;
  /** Where it is kept, once made. */
  readonly folder: string;
  /** Whether the cache holds it whole. Quick: decides the second start's time. */
  isMade(): Promise<boolean>;
  /**
   * Makes it. What a stopped run has downloaded is used again.
   *
   * @param progress told how many of `downloadBytes` are there, as often as it changes.
   * @param signal stops it.
   * @throws SetupError with one line that says what to do.
   */
  make(progress: (bytes: number) => void, signal: AbortSignal): Promise<void>;
}

/** What went wrong while setting up, in a line for the user that says what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
